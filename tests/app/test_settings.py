"""What is remembered, and what is made of settings that somebody edited by hand."""

from pathlib import Path

from app.settings import RECENT, Settings


def test_settings_outlive_the_program(tmp_path):
    first = Settings(tmp_path / "s.ini")
    first.theme = "light"
    first.sessions_folder = tmp_path / "here"
    first.remember(tmp_path / "a.h5")
    del first
    again = Settings(tmp_path / "s.ini")
    assert again.theme == "light"
    assert again.sessions_folder == tmp_path / "here"
    assert again.recent == [tmp_path / "a.h5"]


def test_an_unknown_theme_is_the_systems(tmp_path):
    (tmp_path / "s.ini").write_text("[General]\ntheme=purple\n", encoding="utf-8")
    assert Settings(tmp_path / "s.ini").theme == "system"


def test_recent_files_are_few_newest_first_and_once_each(tmp_path):
    settings = Settings(tmp_path / "s.ini")
    assert settings.recent == []
    files = [Path(f"/data/{number}.h5") for number in range(RECENT + 3)]
    for file in files:
        settings.remember(file)
    settings.remember(files[-2])
    assert settings.recent[:3] == [files[-2], files[-1], files[-3]]
    assert len(settings.recent) == RECENT
    settings.forget(files[-1])
    assert files[-1] not in settings.recent


def test_sessions_go_to_the_documents_or_else_to_the_data_folder(tmp_path, monkeypatch):
    from app import settings

    places = {"DocumentsLocation": tmp_path / "Documents", "GenericDataLocation": tmp_path / "share"}

    class Paths:
        StandardLocation = settings.QStandardPaths.StandardLocation
        writableLocation = staticmethod(lambda place: str(places[place.name]))  # noqa: N815

    monkeypatch.setattr(settings, "QStandardPaths", Paths)
    assert Settings(tmp_path / "s.ini").sessions_folder == tmp_path / "share" / "Cellwright" / "sessions"
    (tmp_path / "Documents").mkdir()
    assert Settings(tmp_path / "s.ini").sessions_folder == tmp_path / "Documents" / "Cellwright"
