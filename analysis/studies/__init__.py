"""The study files, read with the methods that there are.

Belongs here: the files, and loading them. Does not belong here: what a study is (`analysis.study`),
methods (`analysis.methods`).
"""

from pathlib import Path

from analysis.methods.registry import METHODS
from analysis.study import Study, loading
from analysis.study.data import Needs

STUDIES_FOLDER = Path(__file__).resolve().parent


def parse_study(text: str, source: str) -> Study:
    """A study from the YAML `text`; `source` names it in messages. Raises StudyError."""
    return loading.parse_study(text, source, METHODS.values())


def load_study(path: Path) -> Study:
    """The study of one file; its id must be the file's name without the ending. Raises StudyError."""
    return loading.load_study(path, METHODS.values())


def load_studies(folder: Path = STUDIES_FOLDER) -> dict[str, Study]:
    """All studies of a folder by id, sorted; files end in .yml. Raises StudyError."""
    return loading.load_studies(folder, METHODS.values())


def needs_of(study: Study) -> list[Needs]:
    """What the designs of a study read."""
    return [METHODS[key].needs(study, design) for key, design in study.designs()]


__all__ = ["STUDIES_FOLDER", "load_studies", "load_study", "needs_of", "parse_study"]
