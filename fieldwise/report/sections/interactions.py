"""Which pairs of fields say more together than apart."""

from collections.abc import Sequence

from fieldwise.importance import Importance
from fieldwise.importance.cloud_charts import SWARM_ROW, widest_pairs
from fieldwise.report.blocks import (
    Block,
    Cell,
    Chart,
    Column,
    Omission,
    Section,
    Table,
    Tabs,
)
from fieldwise.report.charts.clouds import (
    HALO_HEIGHT,
    draw_halo,
    draw_swarm,
)
from fieldwise.report.charts.pairs import (
    CELL,
    NETWORK_HEIGHT,
    draw_heat_map,
    draw_network,
)
from fieldwise.report.cloud_files import Cloud
from fieldwise.report.figures import figure
from fieldwise.report.run_contents import RunContents

__all__ = ["interaction_section"]

MOST_FIELDS, MOST_LINES, MOST_NODES, MOST_ROWS, MOST_HALOS = 25, 40, 18, 100, 3

Pair = tuple[str, str]


def interaction_section(run: RunContents) -> Section | Omission:
    """Draw pairs as heat map and network, and clouds of models as swarm and halos.

    Args:
        run: what a run tells.

    Returns:
        The section.
    """
    found = [one for one in run.of_unit("pair") if _scores(one)]
    if not found and not run.clouds:
        reason = (
            "No importance of pairs was found. Measure one, and write the report "
            "again: fieldwise explain RUN DATA --pairs --out "
            "RUN/importances/explained."
        )
        return Omission("Interactions", reason)
    panels: list[tuple[str, Sequence[Block]]] = []
    for one in found:
        same = sum(name.partition(" #")[0] == one.method for name, _ in panels)
        name = f"{one.method} #{same + 1}" if same else one.method
        panels.append((name, _of_pairs(one)))
    panels += [(cloud.title, _of_cloud(cloud)) for cloud in run.clouds]
    lead = "Pairs of fields that say more together than each by itself."
    return Section("interactions", "Interactions", lead, (Tabs("Method", panels),))


def _scores(one: Importance) -> dict[Pair, float]:
    return {
        (str(name[0]), str(name[1])): score
        for name, score in zip(one.names, one.scores.tolist(), strict=True)
        if isinstance(name, tuple) and len(name) == 2
    }


def _of_pairs(one: Importance) -> list[Block]:
    scores = _scores(one)
    ranked = sorted(scores, key=lambda pair: -scores[pair])
    fields = list(dict.fromkeys(field for pair in ranked for field in pair))
    shown = fields[:MOST_FIELDS]
    heat = Chart(
        title=f"{one.meaning[:1].upper()}{one.meaning[1:]}",
        description=f"{len(shown)} fields, by {one.method}; the first pair is "
        f"{' and '.join(ranked[0])}.",
        spec=draw_heat_map(scores, shown),
        height=CELL * len(shown) + 120,
        max_width=min(980, 220 + 2 * CELL * len(shown)),
    )
    blocks: list[Block] = [heat]
    strong = _strongest(scores, ranked)
    if strong:
        around = list(dict.fromkeys(field for pair in strong for field in pair))
        network = Chart(
            title=f"The {len(strong)} strongest pairs as a network",
            description="Fields on a circle; a thicker line is a stronger pair.",
            spec=draw_network(strong, around),
            height=NETWORK_HEIGHT,
            max_width=620,
        )
        blocks.append(network)
    return [*blocks, _table(scores, ranked)]


def _strongest(scores: dict[Pair, float], ranked: Sequence[Pair]) -> dict[Pair, float]:
    """The first pairs with scores above zero, among as many fields as can be read."""
    chosen: dict[Pair, float] = {}
    fields: set[str] = set()
    for pair in ranked:
        if scores[pair] <= 0 or len(chosen) == MOST_LINES:
            break
        if len(fields | set(pair)) <= MOST_NODES:
            fields |= set(pair)
            chosen[pair] = scores[pair]
    return chosen


def _table(scores: dict[Pair, float], ranked: Sequence[Pair]) -> Table:
    top = max(scores.values())
    columns = [Column("field", "left"), Column("with", "left"), Column("score")]
    rows = [
        [
            Cell(pair[0]),
            Cell(pair[1]),
            Cell(
                figure(scores[pair]),
                scores[pair],
                max(0.0, scores[pair] / top) if top > 0 else 0.0,
            ),
        ]
        for pair in ranked[:MOST_ROWS]
    ]
    more = len(ranked) - len(rows)
    note = f"{more} more pairs are left out." if more > 0 else ""
    return Table("Pairs", columns, rows, note)


def _of_cloud(cloud: Cloud) -> list[Block]:
    places = widest_pairs(cloud)
    blocks: list[Block] = [
        Chart(
            title="Interactions in models that are almost as good",
            description="Scores of each pair in many models whose loss is at most "
            f"{figure(cloud.epsilon)} above {figure(cloud.loss)}. A line that does not "
            "reach 0 is an interaction that all of them agree on; the cross is the "
            "reference model.",
            spec=draw_swarm(cloud),
            height=SWARM_ROW * len(places) + 80,
            table=_ranges(cloud, places),
        )
    ]
    for place in places[:MOST_HALOS] if len(cloud.directions) else ():
        *others, last = cloud.names[place]
        is_pair = len(others) == 1
        halo = Chart(
            title=f"Halo of {', '.join(others)} and {last}",
            description="Models in which the two share a loss. On the circle each adds "
            "its own part; inside or outside of it they interact."
            if is_pair
            else "Models in which the three share a loss, each field louder or softer: "
            f"the nearer to the corner of a field ({others[0]} on the left, "
            f"{others[1]} on the right, {last} at the top), the more of it that field "
            "has. At 1 each adds its own part; below or above they interact.",
            spec=draw_halo(cloud, place),
            height=HALO_HEIGHT,
            max_width=480 if is_pair else 760,
        )
        blocks.append(halo)
    return blocks


def _ranges(cloud: Cloud, places: Sequence[int]) -> Table:
    columns = [
        Column("field", "left"),
        Column("with", "left"),
        *([Column("and", "left")] if len(cloud.names[0]) == 3 else []),
        Column("lowest"),
        Column("reference"),
        Column("highest"),
    ]
    rows = []
    for place in places:
        within = cloud.scores[place][cloud.added[place] <= cloud.epsilon].tolist()
        reference = float(cloud.references[place])
        low, high = min([*within, reference]), max([*within, reference])
        numbers = [Cell(figure(x, 5), x) for x in (low, reference, high)]
        rows.append([*map(Cell, cloud.names[place]), *numbers])
    return Table("Ranges", columns, rows)
