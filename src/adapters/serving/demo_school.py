"""Who is in the demo school, and where: two districts, four schools."""

from datetime import date
from typing import Final

from attrs import frozen

from faraday_core.kernel.actor import Role

PASSWORD: Final = "Chalk-and-Cheese-7"  # noqa: S105 -- shown to whoever starts the demo
DISTRICT: Final = "Riverside School District"
PRIMARY: Final = "Riverside Primary School"
SECONDARY: Final = "Riverside Secondary School"
LAKESIDE: Final = "Lakeside School District"

# Each after what it lies in.
PLACES: Final = {
    DISTRICT: None,
    PRIMARY: DISTRICT,
    SECONDARY: DISTRICT,
    LAKESIDE: None,
    "Lakeside Primary School": LAKESIDE,
    "Lakeside Grammar School": LAKESIDE,
}
# Where a department lies, and of which other one it is a part.
DEPARTMENTS: Final = {
    "Sciences": (SECONDARY, None),
    "Physics": (SECONDARY, "Sciences"),
    "Languages": (SECONDARY, None),
    "Lower School": (PRIMARY, None),
}
TEAMS: Final = {"Grade 7": "Physics", "Spanish Club": "Languages", "Class 3b": "Lower School"}


@frozen
class DemoPerson:
    email: str
    full_name: str
    role: Role
    place: str


ADMIN: Final = DemoPerson(
    "root@demo.example.org", "Ada Okafor", Role.PLATFORM_ADMIN, "the platform"
)
PEOPLE: Final = (
    DemoPerson("admin@demo.example.org", "Inês Duarte", Role.ORG_ADMIN, DISTRICT),
    DemoPerson("support@demo.example.org", "Sam Whitlock", Role.SUPPORT, DISTRICT),
    DemoPerson("head@demo.example.org", "Jürgen Wolff", Role.DEPARTMENT_HEAD, SECONDARY),
    DemoPerson("teacher@demo.example.org", "Pat Doe", Role.TEACHER, SECONDARY),
    DemoPerson("guardian@demo.example.org", "Mary Nguyen", Role.GUARDIAN, PRIMARY),
    DemoPerson("student@demo.example.org", "Kim Nguyen", Role.STUDENT, PRIMARY),
)
# Who is there besides, without a password: they make a list of people worth looking at.
OTHERS: Final = (
    DemoPerson("amina.yusuf@demo.example.org", "Amina Yusuf", Role.TEACHER, PRIMARY),
    DemoPerson("luca.rossi@demo.example.org", "Luca Rossi", Role.TEACHER, PRIMARY),
    DemoPerson("zoe.fischer@demo.example.org", "Zoë Fischer", Role.TEACHER, SECONDARY),
    DemoPerson("noah.nguyen@demo.example.org", "Noah Nguyen", Role.STUDENT, PRIMARY),
    DemoPerson("linh.nguyen@demo.example.org", "Linh Nguyen", Role.STUDENT, SECONDARY),
    DemoPerson("li.wei@demo.example.org", "Li Wei", Role.STUDENT, PRIMARY),
    DemoPerson("maja.nowak@demo.example.org", "Maja Nowak", Role.STUDENT, SECONDARY),
    DemoPerson("tom.byrne@demo.example.org", "Tom Byrne", Role.STUDENT, SECONDARY),
    DemoPerson("nils.lund@demo.example.org", "Nils Lund", Role.ORG_ADMIN, LAKESIDE),
    DemoPerson(
        "eva.kovacs@demo.example.org", "Éva Kovács", Role.TEACHER, "Lakeside Grammar School"
    ),
)
# Further roles: a teacher in two schools, and who belongs to which team.
ALSO_AT: Final = (("teacher@demo.example.org", Role.TEACHER, PRIMARY),)
IN_TEAMS: Final = (
    ("teacher@demo.example.org", Role.TEACHER, "Grade 7"),
    ("linh.nguyen@demo.example.org", Role.STUDENT, "Grade 7"),
    ("maja.nowak@demo.example.org", Role.STUDENT, "Grade 7"),
    ("tom.byrne@demo.example.org", Role.STUDENT, "Spanish Club"),
    ("amina.yusuf@demo.example.org", Role.TEACHER, "Class 3b"),
    ("student@demo.example.org", Role.STUDENT, "Class 3b"),
    ("noah.nguyen@demo.example.org", Role.STUDENT, "Class 3b"),
)
# What Lakeside sets for its people, and what it holds as it is.
DEFAULTS: Final = {
    "values": {"timezone": "Europe/Vienna", "date_format": "DD.MM.YYYY", "currency": "EUR"},
    "locked": ["/currency"],
}
TEACHER: Final = "teacher@demo.example.org"
PROFILE: Final = {
    "preferred_name": "Pat",
    "pronouns": "they/them",
    "job_title": "Physics and homework club",
    "bio": "Teaches physics at *two* schools, by bicycle.",
    "location": "Riverside",
    "website": "https://physics.example.org",
    "education": [{"institution": "Riverside University", "degree": "MSc Physics", "year": 2011}],
}
GUARDIAN: Final = "guardian@demo.example.org"
CHILDREN: Final = (
    "student@demo.example.org",
    "noah.nguyen@demo.example.org",
    "linh.nguyen@demo.example.org",
)


@frozen
class DemoClass:
    """A class at a school, of a course, in a term; who takes part, by their address, as what."""

    title: str
    school: str
    course: str
    term: str
    people: tuple[tuple[str, str], ...]


SCHOOL_YEAR: Final = ("School year 2026/27", date(2026, 9, 1), date(2027, 6, 30))
TERMS: Final = (
    ("Autumn term", date(2026, 9, 1), date(2026, 12, 18)),
    ("Spring term", date(2027, 1, 5), date(2027, 6, 30)),
)
COURSES: Final = (
    ("Physics", "PHY", SECONDARY),
    ("Spanish", "SPA", SECONDARY),
    ("Class teaching", "CLS", PRIMARY),
)
_AMINA: Final = ("amina.yusuf@demo.example.org", "teacher")
CLASSES: Final = (
    DemoClass(
        "Physics 7a",
        SECONDARY,
        "Physics",
        "Autumn term",
        (
            (TEACHER, "teacher"),
            ("linh.nguyen@demo.example.org", "student"),
            ("maja.nowak@demo.example.org", "student"),
        ),
    ),
    DemoClass(
        "Spanish 8",
        SECONDARY,
        "Spanish",
        "Spring term",
        (
            ("zoe.fischer@demo.example.org", "teacher"),
            ("tom.byrne@demo.example.org", "student"),
            ("linh.nguyen@demo.example.org", "student"),
        ),
    ),
    DemoClass(
        "Class 3b",
        PRIMARY,
        "Class teaching",
        "Autumn term",
        (
            _AMINA,
            (TEACHER, "aide"),
            ("student@demo.example.org", "student"),
            ("noah.nguyen@demo.example.org", "student"),
            ("li.wei@demo.example.org", "student"),
        ),
    ),
)
