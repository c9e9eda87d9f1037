"""Holds the reasons that Secant gives for ending, with its default options, against the record."""

UNBOUNDED, NOISY = 1, 8  # traits of suite.h
TOLERANCE = 1e-7  # tolerance_grad of the default preset
CRITERION = 1e-6  # as in recorder.h


def _scale(record):
    """What |g|_inf is compared with, as in recorder.h."""
    value, optimum = abs(record["loss"]), record["optimum"]
    if record["traits"] & UNBOUNDED:
        return 1.0
    return max(1.0, value if optimum is None else min(value, abs(optimum)))


def _is_refuted(record, solved):
    """Whether f can be lower for certain: at a solution of somebody, or by what is known of the problem."""
    values = [one["value"] for one in solved if one["solved"]]
    if record["optimum"] is not None:
        values.append(record["optimum"])
    return any(value < record["loss"] - 1e-6 * max(1.0, abs(record["loss"])) for value in values)


def is_doubtful(record):
    """An end at the precision limit although the criterion does not hold there."""
    if record["reason"] != "precision" or record["gradient"] is None:
        return False
    return record["gradient"] > CRITERION * _scale(record)


def falsehood(record, solved):
    """What is wrong with the reason given, or "". `solved`: the records of the same problem by everybody."""
    if record["signal"]:
        return f"ended by signal {record['signal']}"
    reason, traits = record["reason"], record["traits"]
    if not record["ended"]:
        return "it gave none"
    if record["loss"] is None or record["gradient"] is None:
        return "" if reason == "not_finite" else "f or g is not finite at the point returned"
    if reason == "gradient" and record["gradient"] > TOLERANCE:
        return "the gradient is above the tolerance"
    if reason == "unbounded" and not traits & UNBOUNDED:
        return "f is bounded below"
    if reason == "wrong_gradient" and not traits & NOISY:
        return "the gradient is right"
    if is_doubtful(record) and traits & UNBOUNDED:
        return "f falls without bound"
    if is_doubtful(record) and _is_refuted(record, solved):
        return "f is lower elsewhere"
    return ""
