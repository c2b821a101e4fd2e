"""What a sweep says: outcomes, what is in how many plans, which input moves the answer, which decisions do best at worst.

A *question* is what was asked: scope, method, year and target. A *future* is what it was asked of: a scenario and a draw
of the uncertain inputs. All tables are of the tasks that are finished and have a certified plan, and say of how many.

A sweep makes a plan for each future as if it were known. What another plan would cost there is known only where the
same decisions were found there too, perhaps for a higher target; so regret is told of those pairs alone, beside how
many of the futures they are. (`mfa robust` tries every plan in every scenario.)
"""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd

from flows.case import Case

QUESTION = ["scope", "method", "year", "target"]
FUTURE = ["scenario", "draw"]
DECISION = ["kind", "municipality", "sector", "segment", "name", "size"]
OUTCOMES = ("cost", "rate", "co2e")
"""Outcomes that inputs are correlated with."""
SURE = 1.96
"""Standard deviations of a rank correlation from which it is more than chance (19 times in 20)."""
FEW = 10
"""Draws below which a rank correlation says little."""
HAIR = 1e-9
EXISTING = "existing"
WITHOUT_PLAN = ("infeasible", "no_plan", "failed")


def planned(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return the tasks that have a certified plan."""
    return outcomes[outcomes["cost"].notna() & outcomes["certified"].astype(bool)]


def spread(tasks: pd.DataFrame, outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return a row per question and scenario: tasks, how they ended, and the range of cost, rate and emissions.

    Columns: QUESTION, scenario, tasks, missing (not finished), plans, infeasible, no_plan, failed, then low, median and
    high of cost, rate and co2e, and highest_rate (the least of those that cannot reach the target).
    """
    key = [*QUESTION, "scenario"]
    whole = tasks.groupby(key, dropna=False).size().rename("tasks").to_frame()
    marked = outcomes.assign(finished=1, **{name: (outcomes["status"] == name).astype(int) for name in WITHOUT_PLAN})
    ended = marked.groupby(key, dropna=False)[["finished", *WITHOUT_PLAN]].sum()
    own = planned(outcomes).groupby(key, dropna=False)
    told = own.size().rename("plans").to_frame()
    for name in OUTCOMES:
        numbers = own[name]
        told[f"{name}_low"], told[f"{name}_median"] = numbers.min(), numbers.median()
        told[f"{name}_high"] = numbers.max()
    told = told.join(outcomes.groupby(key, dropna=False)["highest_rate"].min(), how="outer")
    table = whole.join(ended).join(told)
    counts = ["finished", *WITHOUT_PLAN, "plans"]
    table[counts] = table[counts].fillna(0).astype(int)
    table.insert(1, "missing", table["tasks"] - table["finished"])
    return table.drop(columns="finished").reset_index()


def presence(outcomes: pd.DataFrame, decisions: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Return in how many plans for each question every facility step and scheme is.

    A step counts if it runs in any period, a scheme if it runs in the last. Columns: QUESTION, DECISION, existing (it
    stands today), plans (that have it), of (all plans for the question), share, first (median of the year in which it
    begins), no_regret (new, and in all of at least two plans), status (what its row in the case is worth).
    """
    own = planned(outcomes)[["task", *QUESTION]]
    rows = decisions[decisions["task"].isin(own["task"])]
    last = rows["period"].max()
    rows = rows[(rows["kind"] == "facility") | (rows["period"] == last)]
    each = rows.groupby(["task", *DECISION], as_index=False)["period"].min().merge(own, on="task")
    found = each.groupby([*QUESTION, *DECISION], as_index=False, dropna=False).agg(
        plans=("task", "size"), first=("period", "median")
    )
    of = own.groupby(QUESTION, as_index=False, dropna=False).size().rename(columns={"size": "of"})
    table = found.merge(of, on=QUESTION)
    table["share"] = table["plans"] / table["of"]
    table["existing"] = table["size"] == EXISTING
    new = (table["kind"] == "facility") & ~table["existing"]
    table["no_regret"] = new & (table["plans"] == table["of"]) & (table["of"] > 1)
    lists = {"facility": "facilities", "scheme": "schemes"}
    status = {(kind, row[kind]): row["status"] for kind, name in lists.items() for row in case[name].to_dict("records")}
    table["status"] = [status.get(pair, "") for pair in zip(table["kind"], table["name"], strict=True)]
    columns = [*QUESTION, *DECISION, "existing", "plans", "of", "share", "first", "no_regret", "status"]
    order = [*QUESTION, "kind", "share", *DECISION[1:]]
    rising = [name != "share" for name in order]
    return table[columns].sort_values(order, ascending=rising, ignore_index=True)


def correlation(outcomes: pd.DataFrame, inputs: pd.DataFrame, status: pd.Series) -> pd.DataFrame:
    """Return Spearman's rank correlation of every drawn input with cost, rate and emissions, the strongest first.

    Over the draws of a scenario and question (the central values are no draw). Columns: QUESTION, scenario, input,
    outcome, correlation, n (draws), few (so few that it says little), sure (more than chance would give 19 times in
    20), status (what the input is worth, by ``status`` whose index are inputs). What never varies is left out.
    """
    columns = [*QUESTION, "scenario", "input", "outcome", "correlation", "n", "few", "sure", "status"]
    drawn = planned(outcomes)
    drawn = drawn[drawn["draw"] > 0]
    if drawn.empty or inputs.empty:
        return pd.DataFrame(columns=columns)
    wide = inputs.pivot(index="draw", columns="input", values="value")
    found = []
    for key, rows in drawn.groupby([*QUESTION, "scenario"], dropna=False):
        n = len(rows)
        if n < 3:
            continue
        ranks = wide.loc[rows["draw"]].rank()
        for outcome in OUTCOMES:
            values = rows[outcome].set_axis(rows["draw"]).rank()
            if _constant(rows[outcome]):
                continue
            strength = ranks.corrwith(values).dropna()
            part = pd.DataFrame(
                {"input": strength.index, "correlation": strength.to_numpy(), "outcome": outcome, "n": n}
            )
            found.append(part.assign(**dict(zip([*QUESTION, "scenario"], key, strict=True))))
    if not found:
        return pd.DataFrame(columns=columns)
    table = pd.concat(found, ignore_index=True)
    table["few"] = table["n"] < FEW
    table["sure"] = table["correlation"].abs() > SURE / np.sqrt(table["n"] - 1)
    table["status"] = [str(status.get(name, "")) for name in table["input"]]
    table["size"] = table["correlation"].abs()
    order = [*QUESTION, "scenario", "outcome", "size", "input"]
    return table.sort_values(order, ascending=[name != "size" for name in order], ignore_index=True)[columns]


def _constant(values: pd.Series) -> bool:
    return bool(values.max() - values.min() <= HAIR * max(values.abs().max(), 1.0))


def choice_of_tasks(decisions: pd.DataFrame) -> pd.Series:
    """Return which decisions each task came to, by task: tasks that decide the same have the same name."""
    keys = [*DECISION, "period"]
    rows = decisions.sort_values(["task", *keys])
    words = rows[keys].astype(str).agg("|".join, axis=1) + "|" + rows["share"].round(6).astype(str)
    marks = words.groupby(rows["task"]).agg(lambda lines: hashlib.sha256("\n".join(lines).encode()).hexdigest())
    # The most frequent is the first; of equally frequent ones that of the first task.
    order = marks.reset_index(name="mark").groupby("mark")["task"].agg(["size", "min"])
    order = order.sort_values(["size", "min"], ascending=[False, True])
    width = len(str(len(order)))
    names = {mark: f"choice_{number:0{width}d}" for number, mark in enumerate(order.index, start=1)}
    return marks.map(names).rename("choice")


def regret(outcomes: pd.DataFrame, decisions: pd.DataFrame) -> pd.DataFrame:
    """Return what decisions cost above the best known ones, in every future in which they are known to hold.

    Decisions are known to hold in a future for a question if a task of that future with the same rate (scope, method,
    year) came to them and reaches the target. Columns: QUESTION, FUTURE, choice, task (that came to them at least
    cost), cost, best (least cost known of that future and question), regret (cost less best).
    """
    columns = [*QUESTION, *FUTURE, "choice", "task", "cost", "best", "regret"]
    own = planned(outcomes)
    if own.empty:
        return pd.DataFrame(columns=columns)
    own = own.assign(choice=own["task"].map(choice_of_tasks(decisions)))
    asked = own[[*QUESTION, *FUTURE]].drop_duplicates()
    rate = ["scope", "method", "year", *FUTURE]
    pairs = asked.merge(own.drop(columns="target").assign(own_target=own["target"]), on=rate)
    # A task with the case's own targets is known to meet only these; its rate tells of the others.
    meets = (pairs["target"].isna() & pairs["own_target"].isna()) | (pairs["rate"] >= pairs["target"] - 1e-6)
    pairs = pairs[meets].sort_values(["cost", "task"])
    table = pairs.drop_duplicates([*QUESTION, *FUTURE, "choice"])
    best = table.groupby([*QUESTION, *FUTURE], dropna=False)["cost"].transform("min")
    more = table["cost"] - best
    table = table.assign(best=best, regret=more.where(more > HAIR * best.abs().clip(lower=1.0), 0.0))
    return table[columns].sort_values([*QUESTION, *FUTURE, "regret", "choice"], ignore_index=True)


def choices(told: pd.DataFrame) -> pd.DataFrame:
    """Return what each set of decisions is judged by, from :func:`regret`: the best at worst is the robust choice.

    Columns: QUESTION, choice, futures (in which it is known to hold), of (all futures with a plan), worst_regret,
    worst_cost, mean_cost, task (one that came to it), robust. The robust choice is that with the least of the largest
    regrets among those known to hold in most futures.
    """
    columns = [*QUESTION, "choice", "futures", "of", "worst_regret", "worst_cost", "mean_cost", "task", "robust"]
    if told.empty:
        return pd.DataFrame(columns=columns)
    of = told.drop_duplicates([*QUESTION, *FUTURE]).groupby(QUESTION, dropna=False).size().rename("of")
    table = told.groupby([*QUESTION, "choice"], dropna=False).agg(
        futures=("regret", "size"),
        worst_regret=("regret", "max"),
        worst_cost=("cost", "max"),
        mean_cost=("cost", "mean"),
        task=("task", "min"),
    )
    table = table.reset_index().merge(of.reset_index(), on=QUESTION)
    order = [*QUESTION, "futures", "worst_regret", "mean_cost", "choice"]
    table = table.sort_values(order, ascending=[name != "futures" for name in order], ignore_index=True)
    table["robust"] = ~table.duplicated(QUESTION)
    return table[columns]


def shown_task(outcomes: pd.DataFrame) -> int | None:
    """Return the task whose plan stands for the sweep: the highest target that the first future with a plan reaches."""
    own = planned(outcomes)
    if own.empty:
        return None
    first = own.sort_values(["draw", "scenario", "task"]).iloc[0]
    mine = own[(own["draw"] == first["draw"]) & (own["scenario"] == first["scenario"])]
    return int(mine.sort_values(["target", "task"], ascending=[False, True], na_position="last").iloc[0]["task"])
