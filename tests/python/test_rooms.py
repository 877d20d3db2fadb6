"""Data flow one way through the rooms: a model reads tables of its own room and of rooms before it."""

import yaml
from conftest import PROJECT

# In the order in which the data go through them.
ROOMS = [
    room
    for room in yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["models"]["ipre"]
    if not room.startswith("+")
]


def test_every_folder_is_a_room():
    folders = {
        path.name for kind in ("models", "python_models") for path in (PROJECT / kind).iterdir() if path.is_dir()
    }
    assert folders - {"__pycache__"} == set(ROOMS)


def test_a_room_reads_only_rooms_before_it(everything_build):
    manifest = everything_build.manifest
    rooms = {key: node["fqn"][1] for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    backward = [
        f"{room} reads {read}"
        for key, room in rooms.items()
        for read in manifest["nodes"][key]["depends_on"]["nodes"]
        if read in rooms and ROOMS.index(rooms[read]) > ROOMS.index(room)
    ]
    assert set(rooms.values()) == set(ROOMS)
    assert backward == []
