"""What to do when: changes of schemes and facilities, and what each change gives."""

import pandas as pd
import pytest
from sample import LAST

from reports.actions import actions, changes_of_places
from reports.context import Context
from reports.events import facility_events
from reports.names import Names
from reports.sheets_summary_actions import change_text
from reports.view import RunView
from reports.words import Words


def test_each_source_that_changes_is_one_action_with_its_effect(view):
    done = actions(view.place("159"))
    assert [(action.year, action.sector, action.segment, action.scheme) for action in done] == [
        (2030, "construction_demolition", "", "selective"),
        (2030, "households", "multi_storey", "ten_plus"),
        (2030, "households", "single_family", "ten_plus"),
        (2030, "services", "", "packaging"),
    ]
    assert done[1].before == ("today_households",)
    assert done[1].decided_by == "municipality"
    effects = view.place("159").effects()
    assert sum(action.tonnes for action in done) == pytest.approx(effects["tonnes"].sum())
    assert sum(action.amount for action in done) == pytest.approx(effects["amount"].sum())


def test_the_region_joins_municipalities_that_do_the_same_in_the_same_year(view):
    done = actions(view.place(""))
    flats = [action for action in done if action.segment == "multi_storey"]
    assert [(action.year, action.municipalities) for action in flats] == [(2027, ("101", "400")), (2030, ("159",))]
    whole = view.place("").effects()
    assert sum(action.kg_co2e for action in done) == pytest.approx(whole["kg_co2e"].sum())


def test_changes_counted_at_once_are_those_of_each_place(view):
    counts = changes_of_places(view)
    assert counts == {place: len(actions(view.place(place))) for place in view.municipalities()}
    assert sum(counts.values()) > 0


def test_a_second_change_carries_the_effect(run):
    case, tables, info = run
    schemes = tables["schemes"].copy()
    first = (schemes["variant"] == "plan") & (schemes["municipality"] == "159") & (schemes["segment"] == "multi_storey")
    schemes.loc[first & (schemes["year"] == 2025), ["scheme", "changed"]] = ["selective", True]
    view = RunView(case, {**tables, "schemes": schemes}, info)
    done = [action for action in actions(view.place("159")) if action.segment == "multi_storey"]
    assert [action.year for action in done] == [2025, 2030]
    assert done[0].tonnes != done[0].tonnes  # not known: a later change has the effect
    assert done[1].tonnes > 0


def test_going_back_to_a_scheme_is_said_as_such(run):
    case, tables, info = run
    schemes = tables["schemes"].copy()
    mine = (schemes["variant"] == "plan") & (schemes["municipality"] == "159") & (schemes["segment"] == "multi_storey")
    schemes.loc[mine & (schemes["year"] == LAST), ["scheme", "changed"]] = ["today_households", True]
    view = RunView(case, {**tables, "schemes": schemes}, info).place("159")
    for language, said in (("da", "Tilbage til: Som i dag"), ("en", "Back to: As today")):
        words = Words(language)
        context = Context(view, Names(case, words), words)
        told = {
            action.year: change_text(context, action) for action in context.actions if action.segment == "multi_storey"
        }
        assert told[LAST] == said
        assert said not in told[2030]


def test_facilities_open_and_grow_with_the_steps_that_are_added(run):
    case, tables, _ = run
    events = facility_events(case, tables["facilities"])
    assert [(event.year, event.facility, event.kind, event.steps) for event in events] == [
        (2030, "sort_1", "opens", ("small",)),
        (2035, "sort_1", "grows", ("large",)),
    ]
    assert [event.capex for event in events] == [400e6, 650e6]
    assert [event.capacity for event in events] == [150000.0, 300000.0]


def test_closing_is_an_event_once(run):
    case, tables, _ = run
    frame = tables["facilities"].copy()
    shut = (frame["variant"] == "plan") & (frame["facility"] == "inc_2") & (frame["year"] >= 2030)
    frame.loc[shut, ["open", "size"]] = [False, ""]
    events = [event for event in facility_events(case, frame) if event.facility == "inc_2"]
    assert [(event.year, event.kind) for event in events] == [(2030, "closes")]
    assert pd.isna(events[0].capex)
