"""What the ranking has to know of a language: stop words, and how time is spoken of."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from attrs import frozen


@frozen
class Language:
    code: str  # a primary subtag
    stop_words: frozenset[str]
    months: Sequence[str]
    weekdays: Sequence[str]  # from Monday on
    says_time: re.Pattern[str]
    asks_when: re.Pattern[str]


def language_of(tag: str) -> Language:
    """By a person's language tag; for one that nothing is known of, without stop words."""
    code = tag.split("-", maxsplit=1)[0].lower()
    return LANGUAGES.get(code) or _unknown(code)


def _language(
    code: str,
    *,
    stop_words: str,
    months: str,
    weekdays: str,
    time_words: str,
    asks_when: str,
) -> Language:
    spoken = "|".join([*time_words.split(), *months.split(), *weekdays.split()])
    return Language(
        code,
        frozenset(stop_words.split()),
        tuple(months.split()),
        tuple(weekdays.split()),
        re.compile(rf"\b(?:{spoken})\b|\b(?:1[5-9]|20)\d\d\b", re.IGNORECASE),
        re.compile(asks_when, re.IGNORECASE),
    )


def _unknown(code: str) -> Language:
    """Numbers of years are the same everywhere; months are written by their numbers."""
    return Language(code, frozenset(), (), (), _YEAR, _NEVER)


_YEAR: Final = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_NEVER: Final = re.compile(r"(?!)")

_ENGLISH: Final = _language(
    "en",
    stop_words="""
    a about after again all also am an and any are as at be because been before being both but by
    can could did do does doing done down during each few for from further get gets got had has
    have having he her here hers herself him himself his how i if in into is it its itself just
    let ll m me more most my myself no nor not of off on once one only or other our ours out over
    own re s same she should so some such t than that the their theirs them themselves then there
    these they this those through to too under until up us ve very was we were what when where
    which while who whom whose why will with would you your yours yourself
    d don didn doesn isn wasn aren weren couldn shouldn wouldn hasn haven hadn won ain
    """,
    months="January February March April May June July August September October November December",
    weekdays="Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    time_words="""
    yesterday today tonight tomorrow ago last next week weekend month year recently soon since
    """,
    asks_when=r"^\W*when\b|\b(?:what|which) (?:date|day|month|year|week)\b"
    r"|\bhow long\b|\bwhat time\b",
)
_GERMAN: Final = _language(
    "de",
    stop_words="""
    aber alle allem allen aller alles als also am an ander andere anderem anderen anderer anderes
    auch auf aus bei beim bin bis bist da damit dann das dass daß dein deine deinem deinen deiner
    dem den denn der des dessen dich die dies diese diesem diesen dieser dieses dir doch dort du
    durch ein eine einem einen einer eines einige er es etwas euch euer eure für gegen gewesen
    hab habe haben hast hat hatte hatten hattest hier hin hinter ich ihm ihn ihnen ihr ihre ihrem
    ihren ihrer im in indem ins ist ja jede jedem jeden jeder jedes jene jetzt kann kannst können
    könnte machen man manche mein meine meinem meinen meiner mich mir mit muss musste nach nicht
    nichts noch nun nur ob oder ohne schon sehr sein seine seinem seinen seiner selbst sich sie
    sind so soll sollte sondern sonst über um und uns unser unsere unter viel vom von vor war
    waren warst warum was weg weil welche welchem welchen welcher welches wenn wer werde werden
    wem wen wessen wie wieder will wir wird wirst wo worüber wollen wollte während würde würden
    zu zum zur zwar zwischen wann wurde wurden worden mal
    """,
    months="Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    weekdays="Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
    time_words="""
    gestern vorgestern heute morgen übermorgen letzte letzten letzter letztes nächste nächsten
    nächster nächstes Woche Wochen Wochenende Monat Monate Monaten Jahr Jahre Jahren kürzlich
    neulich bald seit
    """,
    asks_when=r"^\W*(?:seit |bis )?wann\b|\bwelche[mnrs]? (?:datum|tag|monat|jahr|woche)\b"
    r"|\bwie lange\b",
)
_SPANISH: Final = _language(
    "es",
    stop_words="""
    a al algo alguna algunas alguno algunos ante antes aquel aquella aquello aquí así aun aunque
    cada como cómo con contra cual cuál cuáles cuando cuándo de del desde donde dónde dos durante
    e el él ella ellas ello ellos en entre era eran eras eres es esa esas ese eso esos esta está
    estaba estaban estamos están estar estas este esto estos estoy fue fueron fui ha había habían
    hace han has hasta hay he la las le les lo los más me mi mí mis mientras muy nada ni no nos
    nosotros nuestra nuestras nuestro nuestros o os otra otras otro otros para pero poco por
    porque pues que qué quien quién quienes quiénes se sea ser será si sí sido siempre sin sobre
    solo sólo son soy su sus también tan tanto te tener tengo ti tiene tienen toda todas todo
    todos tu tú tus tuve tuvo un una unas uno unos usted ustedes va vamos voy y ya yo
    """,
    months="""
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
    """,
    weekdays="lunes martes miércoles jueves viernes sábado domingo",
    time_words="""
    ayer anteayer hoy mañana anoche pasado pasada próximo próxima semana semanas mes meses año
    años recientemente pronto desde
    """,
    asks_when=r"^\W*(?:desde |hasta )?cu[áa]ndo\b|\bqu[ée] (?:fecha|d[íi]a|mes|año|semana)\b"
    r"|\bcu[áa]nto tiempo\b",
)
LANGUAGES: Final[Mapping[str, Language]] = {
    language.code: language for language in (_ENGLISH, _GERMAN, _SPANISH)
}
