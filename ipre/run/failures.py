"""Why a command publishes nothing, in words: what failed, what it left out, what is not built yet."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .command import Command, parents
from .gate import advice, unusual_changes
from .warehouse import first_line

BAD = ("error", "fail", "runtime error", "partial success")
HELD = ("success", "pass", "warn")
# The first few are named, the others counted.
TOLD = 3


def failures(engine: Any, command: Command, results: Iterable[Any]) -> str:
    """Say what went wrong; nothing when nothing did. Skipped nodes are a consequence and not named.

    results: dbt's, of every node.
    """
    bad = [result for result in results if result.status in BAD]
    # A test of unusual changes: dbt only says how many there are.
    gates = [result for result in bad if result.status == "fail" and test_of(result) == "moves_within_limit"]
    words = []
    if gates:
        told = unusual_changes(engine, command.values)
        bad = [result for result in bad if result not in gates]
        words.append(f"unusual changes since the last published run: {some(told)}. {advice(engine, command)}")
    if bad:
        words.append(some([in_words(engine, result) for result in bad]))
    return "; ".join(words)


def some(words: list[str]) -> str:
    """Return the first few, and how many more there are."""
    return "; ".join(words[:TOLD] + [f"and {len(words) - TOLD} more"] * (len(words) > TOLD))


def test_of(result: Any) -> str:
    """Return the name of the generic test that a node is; nothing if it is none."""
    test = getattr(result.node, "test_metadata", None)
    return test.name if test else ""


def in_words(engine: Any, result: Any) -> str:
    """Say what went wrong with one node."""
    told = first_line(RuntimeError(result.message)) if result.message else ""
    if result.status == "fail" and test_of(result) == "follows_rules":
        told = broken_rule(engine, result.node) or told
    return f"{result.node.resource_type} {result.node.name}: {told}"


def broken_rule(engine: Any, node: Any) -> str:
    """Say which rules and keys are broken how often, and show a row. Nothing when no row breaks one any more."""
    found = engine.rows(
        "select broken_rule, count(*) as row_count from (" + node.compiled_code + ") as broken "
        "group by broken_rule order by row_count desc, broken_rule"
    )
    if not found:
        return ""
    rule = found[0]["broken_rule"]
    [row] = engine.rows(f"select * from ({node.compiled_code}) as broken where broken_rule = '{rule}' limit 1")
    del row["broken_rule"]
    # The columns that the rule or the key names, after the first two, which say what the row is about.
    rules = node.test_metadata.kwargs.get("rules", {}) | node.test_metadata.kwargs["keys"]
    named = set(re.findall(r"\w+", str(rules[rule])))
    shown = [f"{name} {value}" for place, (name, value) in enumerate(row.items()) if place < 2 or name in named]
    counted = [f"{one['broken_rule']} in {one['row_count']:,} row{'s' * (one['row_count'] > 1)}" for one in found]
    return f"broken: {some(counted)}; for example {', '.join(shown)}"


def left_out(command: Command, results: Iterable[Any]) -> str:
    """Say what this command did not build or test though publishing needs it; nothing when all was there."""
    if command.is_without_rows:
        return "the tables were built without rows (--empty or --sample)"
    held = {result.node.unique_id for result in results if result.status in HELD}
    needed = {
        name: node
        for name, node in command.nodes.items()
        if node["resource_type"] in ("model", "seed", "test") and node["config"]["materialized"] != "ephemeral"
    }
    missing = [
        name
        for name, node in needed.items()
        # A test of a model that this ranker does not have is not left out.
        if name not in held and (node["config"]["enabled"] or node.get("attached_node") in command.nodes)
    ]
    if not missing:
        return ""
    return (
        f"only a full `dbt build` publishes, and this command left out {len(missing)} of {len(needed)} seeds, models "
        "and data tests"
    )


def not_built(command: Command, relations: Iterable[str]) -> str:
    """Say which tables a selection or `dbt test` reads that are not built yet, in one message instead of many errors.

    relations: those that exist, as `schema.name`. In a build a test of a missing table does not matter.
    """
    read = set()
    for name in command.selected:
        # A unit test is not in the graph; it asks what columns the tables have that its model reads.
        is_unit_test = name.startswith("unit_test.")
        node = command.nodes.get(f"model.ipre.{name.split('.')[2]}" if is_unit_test else name)
        is_test = is_unit_test or (node is not None and node["resource_type"] == "test")
        if node is not None and (command.name == "test" or not is_test):
            read |= {parent for parent in tables_read_by(command.nodes, node) if parent not in command.selected}
    names = {f"{command.nodes[parent]['schema']}.{command.nodes[parent]['alias']}" for parent in read}
    missing = [] if command.is_deferred or not names else sorted(names - set(relations))
    if not missing:
        return ""
    more = f" and {len(missing) - TOLD} more" if len(missing) > TOLD else ""
    return (
        f"ipre: this command needs tables that are not built yet: {', '.join(missing[:TOLD])}{more}. Run `dbt build`."
    )


def tables_read_by(nodes: Mapping[str, Any], node: Mapping[str, Any]) -> set[str]:
    """Return the ids of the tables that a node reads, through every step that is no table of its own."""
    found = set()
    for parent in parents(node):
        if parent in nodes and nodes[parent]["config"]["materialized"] == "ephemeral":
            found |= tables_read_by(nodes, nodes[parent])
        elif parent in nodes:
            found.add(parent)
    return found
