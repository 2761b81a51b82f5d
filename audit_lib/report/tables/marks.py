"""Marks: an outcome, a verdict or a severity as a shape with its name, never a colour alone."""

from markupsafe import Markup

from audit_lib.report.runs import Run

_STROKE = 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
_SHAPES = {
    "violated": f'<path {_STROKE} d="M4 4l8 8M12 4l-8 8"/>',
    "not_evaluated": f'<circle {_STROKE} cx="8" cy="8" r="5.5"/><path {_STROKE} d="M4.3 11.7l7.4-7.4"/>',
    "indeterminate": f'<path {_STROKE} d="M5.3 5.6a2.7 2.7 0 1 1 3.9 2.4c-.8.4-1.2.9-1.2 1.7M8 12.6v.1"/>',
    "review": f'<circle {_STROKE} cx="7" cy="7" r="4.2"/><path {_STROKE} d="M10.2 10.2L13.5 13.5"/>',
    "empty": f'<rect {_STROKE} stroke-dasharray="2 2.6" x="3" y="3" width="10" height="10" rx="2"/>',
    "compliant": f'<path {_STROKE} d="M3 8.6l3.3 3.4L13 4.6"/>',
}
_VERDICT_SHAPES = {
    "FAIL": "violated",
    "INDETERMINATE": "indeterminate",
    "REVIEW": "review",
    "EXEMPT": "empty",
    "PASS": "compliant",
}
_SEVERITY_BARS = {"critical": 4, "high": 3, "medium": 2, "low": 1}


def icon(outcome: str) -> Markup:
    """The shape of an outcome; its name stands beside it, so readers of the screen skip it."""
    drawing = Markup(_SHAPES[outcome])  # noqa: S704 - ours
    frame = Markup('<svg class="dpo-icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">{}</svg>')
    return frame.format(drawing)


def outcome_mark(run: Run, outcome: str) -> Markup:
    """An outcome as a badge."""
    return Markup('<span class="dpo-mark {code}">{icon}{label}</span>').format(
        code=outcome, icon=icon(outcome), label=run.words.label("outcomes", outcome)
    )


def verdict_mark(run: Run, verdict: str) -> Markup:
    """A verdict as a badge."""
    shape = _VERDICT_SHAPES[verdict]
    return Markup('<span class="dpo-mark {code}">{icon}{label}</span>').format(
        code=shape, icon=icon(shape), label=run.words.label("verdicts", verdict)
    )


def severity_mark(run: Run, severity: str) -> Markup:
    """A severity as bars and its name."""
    filled = _SEVERITY_BARS.get(severity, 0)
    bars = Markup("").join(
        Markup('<i class="{}"></i>').format("on" if bar < filled else "off") for bar in range(len(_SEVERITY_BARS))
    )
    return Markup('<span class="dpo-severity"><span class="bars" aria-hidden="true">{}</span>{}</span>').format(
        bars, run.words.label("severities", severity)
    )
