"""What a program that failed has to say."""


def last_words(text, otherwise="it failed"):
    """The last line with words in it: messages of MPI are framed by lines of dashes."""
    lines = [line.strip() for line in text.splitlines() if any(letter.isalnum() for letter in line)]
    return lines[-1] if lines else otherwise


def of_error(error):
    """Of an exception, with what the program wrote if it was one that failed."""
    return last_words(getattr(error, "stderr", None) or "", str(error))
