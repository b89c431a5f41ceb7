"""A school as a OneRoster set of any size, the same bytes for the same arguments."""

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

_BASE: Final = "sourcedId,status,dateLastModified"
_BULK: Final = ("academicSessions", "classes", "courses", "enrollments", "orgs", "users")
_ABSENT: Final = (
    "categories", "classResources", "courseResources", "demographics", "lineItems", "resources",
    "results",
)  # fmt: skip
CLASS_OF: Final = 20  # pupils


def school(
    pupils: int = 4, *, wrong: int = 0, names: str = "Kim", domain: str = "example.org"
) -> Mapping[str, str]:
    """`wrong`: further people whose role is none. `names`: how all pupils are called. `domain`: of
    all addresses."""
    classes = range((pupils + CLASS_OF - 1) // CLASS_OF)
    users = [
        f"t1,,,true,s1,teacher,t.one,,Tara,Teach,,,t.one@{domain}",
        *(
            f"p{n},,,true,s1,student,p{n},,{names},Pupil {n},,,p{n}@{domain}"
            for n in range(pupils)
        ),
        *(f"w{n},,,true,s1,wizard,w{n},,Wanda,Wrong {n},,,w{n}@{domain}" for n in range(wrong)),
    ]
    enrolled = [
        *(f"et{n},,,c{n},s1,t1,teacher,true,," for n in classes),
        *(f"ep{n},,,c{n // CLASS_OF},s1,p{n},student,false,," for n in range(pupils)),
    ]
    person = "enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,middleName"
    return {
        "manifest.csv": "".join(f"{line}\n" for line in _manifest()),
        "orgs.csv": _file("name,type,identifier,parentSourcedId", ["s1,,,North Hill,school,NH,"]),
        "academicSessions.csv": _file(
            "title,type,startDate,endDate,parentSourcedId,schoolYear",
            ["y1,,,Year,schoolYear,2026-09-01,2027-07-01,,2027"],
        ),
        "courses.csv": _file(
            "schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,subjectCodes",
            ["k1,,,y1,Physics,PH,,s1,,"],
        ),
        "classes.csv": _file(
            "title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,"
            "termSourcedIds,subjects,subjectCodes,periods",
            [f"c{n},,,Physics {n},,k1,PH{n},scheduled,,s1,y1,,," for n in classes],
        ),
        "users.csv": _file(f"{person},identifier,email", users),
        "enrollments.csv": _file(
            "classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate", enrolled
        ),
    }


def folder_of(files: Mapping[str, str], folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return folder


def zip_of(files: Mapping[str, str], file: Path) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in files.items():
            packed.writestr(name, text)
    return file


def _file(columns: str, rows: list[str]) -> str:
    return "".join(f"{line}\n" for line in (f"{_BASE},{columns}", *rows))


def _manifest() -> Iterator[str]:
    yield "propertyName,value"
    yield "manifest.version,1.0"
    yield "oneroster.version,1.1"
    yield from (f"file.{name},bulk" for name in _BULK)
    yield from (f"file.{name},absent" for name in _ABSENT)
