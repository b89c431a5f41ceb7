"""What is known of one memory for one question: a row, whatever index it comes from."""

from attrs import frozen


@frozen
class Row:
    """z: standardised over all of the person's memories; 0.0 where there is none."""

    words: float  # z
    plain_words: float  # z
    thread: float  # z, over the threads
    meaning: float  # z
    thread_meaning: float  # z, the best of the thread
    words_before: float  # z, as those that follow
    words_two_before: float
    words_after: float
    words_two_after: float
    meaning_before: float
    meaning_two_before: float
    meaning_after: float
    meaning_two_after: float
    context: bool  # the question names something of its context
    context_now: float  # how many values it shares with what the person is doing, at most one
    question: bool
    log_length: float
    caption: bool
    time: bool
    time_asked: bool  # of the question: it asks when
    opening: bool
    age_in_days: float
    importance: float
    usefulness: float
    superseded: bool
    coverage: float  # 0 to 1: the share of the question's words in it, by their rarity
    around: float  # the same of all its thread
    cosine: float
    others: int  # memories that the person has
