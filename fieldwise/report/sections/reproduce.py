"""The environment, and how to get the same numbers again."""

from shlex import quote

from fieldwise.report.blocks import Block, Cell, Code, Column, Paragraph, Section, Table
from fieldwise.report.run_contents import RunContents

__all__ = ["facts_table", "reproduce_section"]


def reproduce_section(run: RunContents) -> Section:
    """Tell the command, the settings, the versions and the fingerprints.

    Args:
        run: what a run tells.

    Returns:
        The section.
    """
    lead = (
        "The same data, settings and seed give the same weights on the same machine "
        "and versions."
    )
    blocks: list[Block] = [Code(_command(run), "Command")]
    if run.kind != "fit":
        text = (
            "The same command, run again in the same folder, makes what is missing and "
            "refuses other data or settings."
        )
        blocks.append(Paragraph(text))
    blocks.append(facts_table(run))
    if run.settings:
        blocks.append(Code(run.settings, "Settings"))
    title = "Environment, and how to reproduce it"
    return Section("reproduce", title, lead, tuple(blocks))


def _command(run: RunContents) -> str:
    labels = " ".join(f"--label {quote(name)}" for name in run.labels)
    name = quote(run.place)
    if run.kind == "fit":
        if (run.folder / "config.toml").is_file():
            return f"fieldwise fit --config {name}/config.toml --out {name}-again"
        return f"fieldwise fit DATA {labels} --model {run.model}"
    if run.kind == "compare" and run.leaderboard is not None:
        models = ",".join(sorted(str(x) for x in run.leaderboard["model"]))
        command = f"--models {models} --seeds {max(1, len(run.seeds))}"
        return f"fieldwise compare DATA {labels} {command} --out {name}"
    curve = run.curve
    methods = (
        ""
        if curve is None
        else ",".join(x["method"] for x in curve.to_dicts() if x["kind"] == "method")
    )
    return f"fieldwise curve DATA {labels} --methods {methods} --out {name}"


def facts_table(run: RunContents) -> Table:
    """Tell the fingerprints, the seeds and the versions.

    Args:
        run: what a run tells.

    Returns:
        One row for each of them that is known.
    """
    facts = {
        "fingerprint of the data": run.fingerprint,
        "checksum of the split": str(run.split.get("checksum", "")),
        "division of the rows": str(run.split.get("how", "")),
        "seeds": ", ".join(map(str, run.seeds)),
        **{name: str(value) for name, value in run.environment.items()},
    }
    rows = [[Cell(name), Cell(value)] for name, value in facts.items() if value]
    columns = [Column("what", "left"), Column("value", "left")]
    return Table("Fingerprints and versions", columns, rows)
