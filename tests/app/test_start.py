"""The line that says where the app is."""

import pytest

import start


@pytest.mark.parametrize(
    ("options", "variable", "path"),
    [
        ([], "", ""),
        (["--server.baseUrlPath", "lists"], "", "/lists"),
        (["--server.baseUrlPath=/sales/lists/", "--server.headless=true"], "", "/sales/lists"),
        ([], "lists", "/lists"),
        (["--server.baseUrlPath=other"], "lists", "/other"),
    ],
)
def test_the_address_has_the_base_path_that_streamlit_serves(monkeypatch, options, variable, path):
    monkeypatch.setenv("STREAMLIT_SERVER_BASE_URL_PATH", variable)
    assert start.base_path(options) == path
