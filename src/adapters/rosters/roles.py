"""What roles files name, and which of ours a file can give: none above a teacher's."""

from collections.abc import Mapping
from typing import Final

STUDENT: Final = "student"
TEACHER: Final = "teacher"
GUARDIAN: Final = "guardian"

GUARDIANS: Final = ("guardian", "parent", "relative")

ONEROSTER: Final = (
    STUDENT, TEACHER, *GUARDIANS, "administrator", "aide", "proctor", "counselor", "principal",
    "districtAdministrator", "siteAdministrator", "systemAdministrator",
)  # fmt: skip
ONEROSTER_ENROLLED: Final = (STUDENT, TEACHER, "administrator", "proctor", "aide")
SDS: Final = (
    STUDENT, TEACHER, *GUARDIANS, "administrator", "adjunct", "adminstaff", "aide", "chancellor",
    "coach", "contact", "counselor", "dean", "doctor", "faculty", "instructor", "lecturer",
    "librarian", "nurse", "other", "principal", "proctor", "professor", "researcher", "staff",
    "substitute", "support", "vicePrincipal",
)  # fmt: skip
CANVAS_ENROLLED: Final = (STUDENT, TEACHER, "ta", "observer", "designer")
CANVAS_DECLARED: Final = {
    "student": STUDENT,
    "student_other": STUDENT,
    "teacher": TEACHER,
    "observer": "observer",
    "administrative": "administrator",
    "staff": "staff",
}
SHEET: Final[Mapping[str, str]] = {
    **dict.fromkeys(("student", "pupil", "learner", "child"), STUDENT),
    **dict.fromkeys(("teacher", "instructor", "educator", "lecturer", "professor"), TEACHER),
    **dict.fromkeys(("guardian", "parent", "relative", "mother", "father", "carer"), GUARDIAN),
    **{
        word: word
        for word in (
            "administrator",
            "aide",
            "counselor",
            "faculty",
            "principal",
            "proctor",
            "staff",
        )
    },
}


def granted(role: str) -> str:
    """Ours, for one that a file names."""
    if role == STUDENT:
        return STUDENT
    return GUARDIAN if role in GUARDIANS or role == "observer" else TEACHER


def is_granted_less(role: str) -> bool:
    """Whether the file means more, or other, than it can give."""
    return granted(role) == TEACHER and role != TEACHER
