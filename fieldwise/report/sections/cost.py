"""What the model costs: parameters, bytes, and time."""

from fieldwise.report.blocks import Cell, Column, Omission, Section, Table
from fieldwise.report.figures import bytes_text, count, duration
from fieldwise.report.run_contents import RunContents

__all__ = ["cost_section"]


def cost_section(run: RunContents) -> Section | Omission:
    """Tabulate costs and latency.

    Args:
        run: what a run tells.

    Returns:
        The section.
    """
    facts: list[tuple[str, str, str]] = []
    if run.parameters is not None:
        facts.append(("parameters", count(run.parameters), "tables included"))
    if run.num_bytes is not None:
        text = bytes_text(run.num_bytes)
        facts.append(("size on disk", text, "vocabularies and weights"))
    if run.seconds is not None:
        told = "encoding, training, calibration and measuring"
        facts.append(("the fit took", duration(run.seconds), told))
    facts += _latency(run)
    if not facts:
        return Omission("Cost and latency", "The run tells no costs of one model.")
    threads = run.environment.get("threads")
    where = f" with {threads} threads" if threads else ""
    lead = f"Of {run.model}, on the machine of the fit{where}."
    columns = [Column("what", "left"), Column("how much"), Column("of what", "left")]
    rows = [[Cell(name), Cell(text), Cell(more)] for name, text, more in facts]
    table = Table("Costs", columns, rows)
    return Section("cost", "Cost and latency", lead, (table,))


def _latency(run: RunContents) -> list[tuple[str, str, str]]:
    found = {} if run.diagnosed is None else run.diagnosed.latency
    if not found:
        return []
    one, many = found["one_row_ms"], found["many_rows"]
    return [
        (
            "one raw row",
            duration(one["median"] / 1000),
            f"from a dictionary to a probability: median of {one['calls']} calls; "
            f"{duration(one['p95'] / 1000)} at the 95th percentile",
        ),
        (
            "many rows",
            f"{count(many['rows_per_second'])} per second",
            f"{count(many['rows'])} encoded rows, scored in batches",
        ),
    ]
