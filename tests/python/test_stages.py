"""Data flow one way through the stages: a model reads tables of its own stage and of stages before it."""

import yaml
from conftest import PROJECT

# In the order in which the data go through them.
STAGES = [
    stage
    for stage in yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["models"]["ipre"]
    if not stage.startswith("+")
]


def test_every_folder_is_a_stage_and_a_stage_reads_only_stages_before_it(everything_build):
    folders = {path.name for kind in ("models", "python_models") for path in (PROJECT / kind).glob("*/")}
    assert folders - {"__pycache__"} == set(STAGES)
    manifest = everything_build.manifest
    stages = {key: node["fqn"][1] for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    backward = [
        f"{stage} reads {read}"
        for key, stage in stages.items()
        for read in manifest["nodes"][key]["depends_on"]["nodes"]
        if read in stages and STAGES.index(stages[read]) > STAGES.index(stage)
    ]
    assert set(stages.values()) == set(STAGES)
    assert backward == []
