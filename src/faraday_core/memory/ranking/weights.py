"""Every number that the ranking goes by, in one place. docs/memory-ranking.md explains them."""

from attrs import field, frozen


@frozen
class Neighbours:
    """What the memories around it in its thread lend to one: the previous ones, the next ones."""

    before: float
    two_before: float
    after: float
    two_after: float


@frozen
class Calibration:
    """A logistic curve over what was found, fitted by `python -m bench.memory --calibrate`."""

    constant: float = -5.8
    coverage: float = 6.2  # the share of the question's words that are in it, by their rarity
    lead: float = 0.52  # its score less the mean of the ten best, from -3 to 6
    few: float = 5.1  # 1 / (1 + memories / 10): among few, what was found is likelier meant


@frozen
class Weights:
    """Of one feature each. z: standardised over all of the person's memories, question by question."""

    words: float = 0.15  # z of BM25 over content, context values and date
    plain_words: float = 0.2  # z of BM25 over the content alone
    thread: float = 0.65  # z of BM25 over all that its thread says
    meaning: float = 0.5  # z of the cosine
    thread_meaning: float = 0.25  # the best z of the cosine in its thread
    words_around: Neighbours = Neighbours(0.15, 0.15, 0.05, 0.05)
    meaning_around: Neighbours = Neighbours(0.3, 0.15, 0.15, 0.0)
    context: float = 2.0  # the question names its speaker, course, topic …
    context_now: float = 1.0  # it is from what the person is doing at this moment
    question: float = -0.65  # it is a question itself
    length: float = 0.7  # ln(1 + characters)
    caption: float = 0.2  # something was attached
    time: float = 0.5  # it says a time
    time_asked: float = 1.8  # it says a time, and the question asks when
    opening: float = 0.6  # the first two of a thread say what it is about
    recent: float = 0.2  # 1 now, a half after `half_life_days`
    half_life_days: float = 30.0
    importance: float = 0.4  # from -1 to 1
    usefulness: float = 0.4  # from -1 to 1
    superseded: float = -2.0
    k1: float = 0.9  # of BM25
    b: float = 0.4
    near: float = 2.0  # z of a cosine from which on meaning alone is enough to be found
    calibration: Calibration = field(factory=Calibration)
