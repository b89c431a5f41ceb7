"""What a reader refuses to open, and what it says then."""

import stat
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from faraday_core.roster.reading import Format, UnreadableSource
from faraday_core.roster.rows import UserRow
from tests.roster_files import person, read, users, written

GIB = 1 << 30


def zipped(path: Path, files: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return path


def refusal(path: Path, kind: Format = Format.ONEROSTER) -> str:
    with pytest.raises(UnreadableSource) as caught:
        read(path, kind)
    assert str(path.parent) not in caught.value.detail
    return caught.value.detail


def test_a_zip_is_read_like_its_folder(tmp_path: Path) -> None:
    content = users(person("P-1", family=""), person("P-2"))
    path = zipped(
        tmp_path / "set.zip",
        {"export/users.csv": content, "__MACOSX/export/._users.csv": b"\0", "readme.txt": "x"},
    )
    taken = read(path)

    assert [("export/users.csv", 2, "familyName", "required")] == taken.refused


def test_a_zip_is_known_by_its_content(tmp_path: Path) -> None:
    path = zipped(tmp_path / "set.csv", {"users.csv": users(person("P-1"))})

    assert 1 == len(read(path).of(UserRow))


def test_one_file_is_a_set(tmp_path: Path) -> None:
    path = tmp_path / "Users.CSV"
    path.write_text(users(person("P-1")))

    assert 1 == len(read(path).of(UserRow))


@pytest.mark.parametrize(
    "name",
    ["../users.csv", "a/../../users.csv", "/etc/users.csv", "C:\\users.csv", "..\\users.csv"],
)
def test_a_path_that_leads_out_of_the_zip_is_refused(tmp_path: Path, name: str) -> None:
    path = zipped(tmp_path / "set.zip", {name: users(person("P-1"))})

    assert "leads out of it" in refusal(path)


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w") as packed:
        link = zipfile.ZipInfo("users.csv")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        packed.writestr(link, "/etc/passwd")

    assert "users.csv is a link" in refusal(path)


@pytest.mark.parametrize("name", ["inner.zip", "users.csv"])
def test_a_zip_in_a_zip_is_refused(tmp_path: Path, name: str) -> None:
    inner = zipped(tmp_path / "inner", {"users.csv": users(person("P-1"))}).read_bytes()
    path = zipped(tmp_path / "set.zip", {name: inner, "orgs.csv": "sourcedId,name\nD,Rio\n"})

    assert "archive" in refusal(path)


def test_more_than_1000_files_are_refused(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {f"{number}.csv": "a\n1\n" for number in range(1001)}

    assert "more than 1000 files" in refusal(zipped(tmp_path / "set.zip", files))
    assert "more than 1000 files" in refusal(written(tmp_path / "set", files))


def test_a_list_of_files_that_would_eat_the_memory_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for number in range(30_000):
            packed.writestr(f"{number:>060}.csv", b"")
    tracemalloc.start()
    detail = refusal(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert "more than 1000 files" in detail
    assert peak < 1 << 20


def declaring(path: Path, size: int) -> Path:
    """A zip whose one file is said to unpack to so many bytes."""
    zipped(path, {"users.csv": users(person("P-1"))})
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = size.to_bytes(4, "little")
    path.write_bytes(data)
    return path


def test_an_expansion_of_10_gb_is_refused_before_it_begins(tmp_path: Path) -> None:
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("users.csv", bytes(16 << 20))
        packed.infolist()[0].file_size = 10 * GIB

    assert "more than 4 GiB" in refusal(path)


def test_what_is_longer_than_it_is_said_to_be_is_refused(tmp_path: Path) -> None:
    assert "damaged" in refusal(declaring(tmp_path / "set.zip", 20))


def test_more_than_4_gib_unpacked_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "set.zip"
    zipped(path, {"users.csv": users(person("P-1")), "orgs.csv": "sourcedId,name\nD,Rio\n"})
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02")
    while at >= 0:
        data[at + 24 : at + 28] = (3 * GIB).to_bytes(4, "little")
        at = data.find(b"PK\x01\x02", at + 1)
    path.write_bytes(data)

    assert "more than 4 GiB" in refusal(path)


@pytest.mark.parametrize("cut", [0.3, 0.9])
def test_a_zip_that_is_cut_off_is_refused(tmp_path: Path, cut: float) -> None:
    path = zipped(tmp_path / "set.zip", {"users.csv": users(person("P-1"))})
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * cut)])

    assert "damaged" in refusal(path)


def test_a_zip_with_a_changed_byte_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("users.csv", users(person("P-1", given="Ada")))
    path.write_bytes(path.read_bytes().replace(b"Ada", b"Eve"))

    assert "damaged" in refusal(path)


def test_a_link_that_leads_out_of_a_folder_is_refused(tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text(users(person("P-1")))
    folder = written(tmp_path / "set", {"orgs.csv": "sourcedId,name\nD,Rio\n"})
    (folder / "users.csv").symlink_to(outside)

    assert "users.csv is a link" in refusal(folder)


def test_a_link_within_a_folder_is_followed(tmp_path: Path) -> None:
    folder = written(tmp_path / "set", {"people": users(person("P-1"))})
    (folder / "users.csv").symlink_to(folder / "people")

    assert 1 == len(read(folder).of(UserRow))


def test_an_empty_file_is_refused_by_its_name(tmp_path: Path) -> None:
    folder = written(tmp_path / "set", {"users.csv": ""})

    assert "users.csv is empty" in refusal(folder)


def test_a_column_that_comes_twice_is_refused(tmp_path: Path) -> None:
    folder = written(tmp_path / "set", {"users.csv": users(heading="sourcedId,email,Email")})

    assert "two columns of the name Email" in refusal(folder)


def test_a_column_without_which_nothing_can_be_told_is_missed_by_name(tmp_path: Path) -> None:
    folder = written(tmp_path / "set", {"users.csv": users(heading="id,givenName,familyName")})

    assert "users.csv has no column sourcedId; it has id, givenName" in refusal(folder)


def test_a_file_that_the_manifest_names_is_missed_by_name(tmp_path: Path) -> None:
    manifest = "propertyName,value\noneroster.version,1.1\nfile.users,bulk\nfile.orgs,bulk\n"
    folder = written(
        tmp_path / "set", {"manifest.csv": manifest, "users.csv": users(person("P-1"))}
    )

    assert "orgs.csv" in refusal(folder)


def test_a_version_that_is_not_known_is_refused(tmp_path: Path) -> None:
    manifest = "propertyName,value\noneroster.version,2.0\n"
    folder = written(
        tmp_path / "set", {"manifest.csv": manifest, "users.csv": users(person("P-1"))}
    )

    assert "OneRoster 2.0; 1.1 and 1.2 can be read" in refusal(folder)


ABSENT: list[tuple[Format, str]] = [
    (Format.ONEROSTER, "OneRoster"),
    (Format.CANVAS_SIS, "Canvas SIS"),
    (Format.MS_SDS, "School Data Sync"),
]


@pytest.mark.parametrize(("kind", "name"), ABSENT)
def test_a_set_of_another_format_is_told_from_what_would_be_expected(
    tmp_path: Path, kind: Format, name: str
) -> None:
    folder = written(tmp_path / "set", {"pupils.csv": "number,called\n1,Ada\n"})
    detail = refusal(folder, kind)

    assert f"This is no {name} set: expected " in detail
    assert detail.endswith("found pupils.csv")


def test_a_oneroster_set_is_no_school_data_sync(tmp_path: Path) -> None:
    folder = written(
        tmp_path / "set",
        {"manifest.csv": "propertyName,value\n", "users.csv": users(person("P-1"))},
    )

    assert "OneRoster" in refusal(folder, Format.MS_SDS)


@pytest.mark.parametrize("kind", list(Format))
def test_what_is_not_there_is_said_to_be_not_there(tmp_path: Path, kind: Format) -> None:
    assert "There is no file or folder nowhere" in refusal(tmp_path / "nowhere", kind)


def peak(work: Callable[[], object]) -> int:
    tracemalloc.start()
    work()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def streamed(path: Path) -> None:
    from adapters.rosters import FileReaders  # noqa: PLC0415 -- before its memory is measured
    from faraday_core.roster.reading import Source  # noqa: PLC0415 -- as above

    for _ in FileReaders().open(Source(Format.ONEROSTER, path)).batches():
        pass


@pytest.mark.parametrize("end", ["\n", ""])
def test_a_cell_of_100_mib_takes_no_memory(tmp_path: Path, end: str) -> None:
    folder = written(tmp_path / "set", {"users.csv": users(person("P-0"))})
    with (folder / "users.csv").open("a") as file:
        file.write("P-1,true,S-1,student,p1,")
        for _ in range(100):
            file.write("x" * (1 << 20))
        file.write(f",Lee,{end}")

    assert peak(lambda: streamed(folder)) < 32 << 20
    assert [("users.csv", 3, "givenName", "too_long")] == read(folder).refused


def test_an_open_quote_takes_no_memory_and_no_row_but_its_own(tmp_path: Path) -> None:
    rows = [person("P-0", given='"Ada')] + [person(f"P-{n}") for n in range(1, 10_000)]
    folder = written(tmp_path / "set", {"users.csv": users(*rows)})

    assert peak(lambda: streamed(folder)) < 32 << 20
    taken = read(folder)
    assert [("users.csv", 2, None, "bad_row")] == taken.refused
    assert 10_000 == len(taken.of(UserRow))


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    few = written(tmp_path / "few", {"users.csv": users(*map(person, map(str, range(20_000))))})
    many = written(tmp_path / "many", {"users.csv": users(*map(person, map(str, range(60_000))))})

    assert peak(lambda: streamed(many)) < 1.2 * peak(lambda: streamed(few))
