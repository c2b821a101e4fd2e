"""From a graph to places: boxes of nodes, outlines of bands and boxes of labels, for any directed graph.

Columns come from :mod:`reports.sankey_layers`, heights from :mod:`reports.sankey_place`. Every column has the
room of its own labels to its right, below its node's name, so that labels and boxes never overlap; what runs
back gets a lane beside the columns and a channel below or above them.
"""

from __future__ import annotations

from collections.abc import Sequence

from reports.sankey_boxes import Layout, Placed, Rect
from reports.sankey_graph import Graph, Link, column_of_each
from reports.sankey_layers import Routed, route
from reports.sankey_place import Pull, Slot, bottom, isotonic, ports, settle
from reports.sankey_shape import Loop, Ribbon
from reports.sankey_text import Label

BODY = 250.0
"""Points for the flows of the fullest column."""
BOX, LEAST_BOX = 12.0, 4.0
"""Width of a node, and its least height."""
GAP, PAD, CURVE, TURN = 15.0, 5.0, 64.0, 6.0
"""Points between slots, beside labels, for curves between columns, and inner radius of a loop."""


def lay_out(graph: Graph, node_labels: dict[str, Label], link_labels: Sequence[Label], body: float = BODY) -> Layout:
    """Return the places of a graph with its labels, ``body`` points high where it is fullest."""
    return _Layouter(graph, node_labels, link_labels, body).layout()


class _Layouter:
    """The steps of :func:`lay_out`, which share the graph, its columns and its labels."""

    def __init__(self, graph: Graph, node_labels: dict[str, Label], link_labels: Sequence[Label], body: float) -> None:
        self.graph, self.labels, self.body = graph, link_labels, body
        self.heads = [node_labels.get(node.key, Label(())) for node in graph.nodes]
        self.index = {node.key: position for position, node in enumerate(graph.nodes)}
        self.ends = [(self.index[link.start], self.index[link.end]) for link in graph.links]
        self.place = column_of_each(graph)
        self.arcs = [(a, b, link.width) for (a, b), link in zip(self.ends, graph.links, strict=True)]
        self.routed: Routed = route(self.place, self.arcs)
        self.count = len(self.routed.order)
        self.column = {item: c for c, layer in enumerate(self.routed.order) for item in layer}
        self.scale = body / (self._fullest() or 1.0)
        self.loops = [position for position, chain in enumerate(self.routed.chains) if chain is None]
        self.down = {position: self._down(position) for position in self.loops}

    def _fullest(self) -> float:
        through = [max(self.graph.inward(node.key), self.graph.outward(node.key)) for node in self.graph.nodes]
        carried = dict(enumerate(through))
        for chain, link in zip(self.routed.chains, self.graph.links, strict=True):
            carried |= dict.fromkeys((chain or ())[1:-1], link.width)
        return max((sum(carried[item] for item in layer) for layer in self.routed.order), default=0.0)

    def _width(self, link: int) -> float:
        return self.graph.links[link].width * self.scale

    def _fringe(self, link: int) -> float:
        """Return the points that the uncertainty takes; so large that it would hide the rest, it is cut."""
        return min(fringe(self.graph.links[link]) * self.scale, max(self._width(link), self.body / 4))

    def _down(self, link: int) -> int:
        """Return 1 for a loop that runs below, -1 for one above: the nearer side, below rather than above."""
        if self.ends[link][0] == self.ends[link][1]:
            return 1
        ranks = []
        for item in self.ends[link]:
            layer = self.routed.order[self.place[item]]
            ranks.append((layer.index(item) + 0.5) / len(layer))
        return 1 if sum(ranks) >= 0.9 else -1

    def layout(self) -> Layout:
        slots = self._slots()
        tops = settle(self.routed.order, slots, self._pulls({}, {}), GAP)
        starts, finishes = self._ports(slots, tops)
        tops = settle(self.routed.order, slots, self._pulls(starts, finishes), GAP)
        starts, finishes = self._ports(slots, tops)
        channels = self._channels(slots, tops)
        out_lane, in_lane = self._lanes(channels)
        lefts, right = self._lefts(out_lane, in_lane)
        spread = self._spread(tops, slots, starts)
        edges = self._edges(tops, starts, finishes, channels)
        highest = min([0.0, *(upper for upper, _ in edges)])
        bands = [
            self._band(link, tops, starts, finishes, channels, out_lane, in_lane, lefts)
            for link in range(len(self.graph.links))
        ]
        boxes = {
            node.key: Rect(lefts[self.place[item]], tops[item] - highest, BOX, slots[item].box)
            for item, node in enumerate(self.graph.nodes)
            if not node.outside
        }
        placed = self._placed(tops, starts, spread, lefts, out_lane, highest)
        heads = {}
        for item, node in enumerate(self.graph.nodes):
            if self.heads[item].height:
                label = self.heads[item]
                rect = Rect(lefts[self.place[item]], tops[item] - label.height - 2 - highest, label.width, label.height)
                heads[node.key] = Placed(label, rect)
        lowest = max((bottom(layer, slots, tops) for layer in self.routed.order), default=0.0)
        lowest = max([lowest, *(lower for _, lower in edges)])
        shifted = tuple(_moved(band, -highest) for band in bands)
        fringes = tuple(self._fringe(link) for link in range(len(self.ends)))
        return Layout(right, lowest - highest, self.scale, boxes, shifted, heads, placed, fringes)

    def _edges(
        self, tops: dict[int, float], starts: dict[int, float], finishes: dict[int, float], channels: dict[int, float]
    ) -> list[tuple[float, float]]:
        """Return how far up and down each band reaches with its uncertainty, at its ends and in its channel."""
        found = []
        for link, (start, end) in enumerate(self.ends):
            uppers = [tops[start] + starts[link], tops[end] + finishes[link]]
            if link in channels:
                uppers.append(channels[link] - (self._width(link) if self.down[link] < 0 else 0.0))
            spread = self._fringe(link) / 2
            found.append((min(uppers) - spread, max(uppers) + self._width(link) + spread))
        return found

    def _slots(self) -> dict[int, Slot]:
        """Return the room of each item: place holders as wide as their link, nodes with their labels."""
        slots: dict[int, Slot] = {}
        for chain, link in zip(self.routed.chains, range(len(self.arcs)), strict=True):
            for item in (chain or ())[1:-1]:
                slots[item] = Slot(max(self._width(link), 1.0))
        for item, node in enumerate(self.graph.nodes):
            through = max(self.graph.inward(node.key), self.graph.outward(node.key)) * self.scale
            box = max(through, 1.0 if node.outside else LEAST_BOX)
            texts = sum(self.labels[link].height + 2 for link in self._leaving(item))
            head = self.heads[item].height
            slots[item] = Slot(box, head + 3 if head else 0.0, max(0.0, texts - box))
        return slots

    def _leaving(self, item: int) -> list[int]:
        return [link for link, (start, _) in enumerate(self.ends) if start == item]

    def _pulls(self, starts: dict[int, float], finishes: dict[int, float]) -> list[Pull]:
        pulls = []
        for link, chain in enumerate(self.routed.chains):
            if chain is None:
                continue
            for a, b in zip(chain, chain[1:], strict=False):
                at_a = starts.get(link, 0.0) if a == chain[0] else 0.0
                at_b = finishes.get(link, 0.0) if b == chain[-1] else 0.0
                straight = 4.0 if a >= len(self.place) and b >= len(self.place) else 1.0
                pulls.append(Pull(a, b, at_a, at_b, straight * (self._width(link) + 0.5)))
        return pulls

    def _ports(self, slots: dict[int, Slot], tops: dict[int, float]) -> tuple[dict[int, float], dict[int, float]]:
        """Return where each link leaves its start and enters its end, below the tops of the boxes."""
        nearness = {link: rank for rank, link in enumerate(sorted(self.loops, key=self._span))}
        starts: dict[int, float] = {}
        finishes: dict[int, float] = {}
        for side, found in ((0, starts), (1, finishes)):
            by_item: dict[int, dict[int, float]] = {}
            before: dict[int, tuple[float, float]] = {}
            for link, ends in enumerate(self.ends):
                by_item.setdefault(ends[side], {})[link] = self._width(link)
                chain = self.routed.chains[link]
                if chain is None:
                    rank = float(nearness[link])
                    before[link] = (1.0, -rank) if self.down[link] > 0 else (-1.0, rank)
                else:
                    near = chain[1] if side == 0 else chain[-2]
                    before[link] = (0.0, tops[near] + slots[near].box / 2)
            for item, widths in by_item.items():
                middle = self.graph.nodes[item].outside or slots[item].box <= LEAST_BOX
                found.update(ports(slots[item].box, widths, before, middle))
        return starts, finishes

    def _span(self, link: int) -> tuple[int, float, int]:
        start, end = self.ends[link]
        return self.place[start] - self.place[end], self._width(link), link

    def _channels(self, slots: dict[int, Slot], tops: dict[int, float]) -> dict[int, float]:
        """Return the edge of each loop's channel that is nearer to the picture; short loops are inside."""
        channels: dict[int, float] = {}
        for link in sorted(self.loops, key=self._span):
            first, last = self._covered(link)
            layers = self.routed.order[first : last + 1]
            radius = self._radius(link)
            if self.down[link] > 0:
                edge = max(bottom(layer, slots, tops) for layer in layers) + 2 * radius
            else:
                edge = min(tops[item] - slots[item].above for layer in layers for item in layer) - 2 * radius
            for other, placed in channels.items():
                before = self._covered(other)
                if self.down[other] == self.down[link] and before[0] <= last and first <= before[1]:
                    apart = self._width(other) + (self._fringe(other) + self._fringe(link)) / 2 + 7
                    edge = max(edge, placed + apart) if self.down[link] > 0 else min(edge, placed - apart)
            channels[link] = edge
        return channels

    def _covered(self, link: int) -> tuple[int, int]:
        """Return the columns that a loop passes below or above, with the lanes at both ends."""
        start, end = self.ends[link]
        return max(self.place[end] - 1, 0), min(self.place[start] + 1, self.count - 1)

    def _radius(self, link: int) -> float:
        return TURN + self._fringe(link) / 2

    def _lanes(self, channels: dict[int, float]) -> tuple[dict[int, float], dict[int, float]]:
        """Return for each loop how far from its boxes it turns; inner ones turn first."""
        out_lane: dict[int, float] = {}
        in_lane: dict[int, float] = {}
        for lane, side in ((out_lane, 0), (in_lane, 1)):
            used: dict[tuple[int, int], float] = {}
            for link in sorted(channels, key=self._span):
                key = self.place[self.ends[link][side]], self.down[link]
                lane[link] = used.get(key, 2.0) + self._fringe(link) / 2
                used[key] = lane[link] + self._width(link) + self._fringe(link) / 2 + 4
        return out_lane, in_lane

    def _reach(self, lane: dict[int, float], side: int, column: int) -> float:
        """Return the room that loops take beside a column."""
        taken = [
            lane[link] + self._radius(link) + self._width(link) + self._fringe(link) / 2 + 3
            for link in lane
            if self.place[self.ends[link][side]] == column
        ]
        return max(taken, default=0.0)

    def _lefts(self, out_lane: dict[int, float], in_lane: dict[int, float]) -> tuple[list[float], float]:
        """Return the left edge of each column and the right edge of the picture."""
        lefts: list[float] = []
        left = 0.0
        for column in range(self.count):
            left += self._reach(in_lane, 1, column)
            lefts.append(left)
            own = [item for item, place in enumerate(self.place) if place == column]
            texts = [self.labels[link].width for item in own for link in self._leaving(item)]
            lane = self._reach(out_lane, 0, column)
            beside = lane + PAD + max(texts) + PAD if texts else lane
            above = max((self.heads[item].width - BOX for item in own), default=0.0) + 2 * PAD
            room = CURVE if column + 1 < self.count else 0.0
            left += BOX + max(beside, above, room, PAD)
        return lefts, left

    def _spread(self, tops: dict[int, float], slots: dict[int, Slot], starts: dict[int, float]) -> dict[int, float]:
        """Return the top of each link's label: near its band, within the slot of the node that it leaves."""
        found: dict[int, float] = {}
        for item in range(len(self.place)):
            links = sorted(self._leaving(item), key=lambda link: (starts[link], link))
            if not links:
                continue
            heights = [self.labels[link].height + 2 for link in links]
            wanted, lowest, reached = [], [], 0.0
            for link, height in zip(links, heights, strict=True):
                centre = tops[item] + starts[link] + self._width(link) / 2
                wanted.append(centre - height / 2 - reached)
                lowest.append(reached)
                reached += height
            room = max(slots[item].box + slots[item].below, reached)
            free = [min(max(value, tops[item]), tops[item] + room - reached) for value in wanted]
            for link, value, offset in zip(links, isotonic(free, [1.0] * len(free)), lowest, strict=True):
                found[link] = value + offset + 1
        return found

    def _placed(
        self,
        tops: dict[int, float],
        starts: dict[int, float],
        spread: dict[int, float],
        lefts: list[float],
        out_lane: dict[int, float],
        highest: float,
    ) -> tuple[Placed, ...]:
        placed = []
        for link, (start, _) in enumerate(self.ends):
            label, column = self.labels[link], self.place[start]
            left = lefts[column] + BOX + self._reach(out_lane, 0, column) + PAD
            anchor = (lefts[column] + BOX, tops[start] + starts[link] + self._width(link) / 2 - highest)
            placed.append(Placed(label, Rect(left, spread[link] - highest, label.width, label.height), anchor))
        return tuple(placed)

    def _band(
        self,
        link: int,
        tops: dict[int, float],
        starts: dict[int, float],
        finishes: dict[int, float],
        channels: dict[int, float],
        out_lane: dict[int, float],
        in_lane: dict[int, float],
        lefts: list[float],
    ) -> Ribbon | Loop:
        start, end = self.ends[link]
        width = self._width(link)
        top, finish = tops[start] + starts[link], tops[end] + finishes[link]
        right, left = lefts[self.place[start]] + BOX, lefts[self.place[end]]
        chain = self.routed.chains[link]
        if chain is None:
            turns = right + out_lane[link], left - in_lane[link]
            radius = self._radius(link)
            return Loop(right, top, turns[0], channels[link], turns[1], left, finish, width, radius, self.down[link])
        # A flow from outside begins where its column begins.
        stations = [(right - BOX if self.graph.nodes[start].outside else right, right, top)]
        for item in chain[1:-1]:
            stations.append((lefts[self.column[item]], lefts[self.column[item]] + BOX, tops[item]))
        stations.append((left, left, finish))
        return Ribbon(tuple(stations), width, self.graph.nodes[end].outside)


def fringe(link: Link) -> float:
    """Return the uncertainty that a band shows: its standard deviation, 0 where it is not known."""
    return link.std if link.std > 0 else 0.0


def _moved(band: Ribbon | Loop, down: float) -> Ribbon | Loop:
    """Return a band moved downwards."""
    if isinstance(band, Ribbon):
        stations = tuple((left, right, top + down) for left, right, top in band.stations)
        return Ribbon(stations, band.width, band.tip)
    return Loop(
        band.right,
        band.top + down,
        band.turn_right,
        band.channel + down,
        band.turn_left,
        band.left,
        band.end + down,
        band.width,
        band.radius,
        band.down,
    )
