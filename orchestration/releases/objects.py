"""Contents of packed releases, each kept once under its hash; a packed release and how it is made whole.

Belongs here: packing, unpacking, and clearing contents that no release needs. Does not belong here: which
releases are packed (`keeping`), links (`place`).

A content is kept compressed, or as what differs from a content that is kept whole: two warehouses that
differ in a figure differ in a thousandth of their bytes. Nothing rests on more than one other content,
and each is unpacked and held against its hash before the files that it stands for go.

    objects/<sha256>.zst                    a whole content
    objects/<sha256>.on-<sha256>.zst        what makes it of another one, which is whole

In the archive a packed release is a folder with MANIFEST.json, CHANGES.md and PACKED.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from backports import zstd

from orchestration.releases.manifest import MANIFEST, Release, ReleaseError, read_release

PACKED = "PACKED"
"""Marks a folder of the archive whose files are in the objects."""
BESIDE = (MANIFEST, "CHANGES.md")
"""Files of a packed release that stay readable in its folder."""
LEVEL = 3
WORTH_IT = 0.5
"""A difference of more than this share of the compressed whole is no saving: the whole is kept, and later
contents are held against it.
"""
LARGEST_PAIR = 1 << 30
"""Bytes of two contents up to which they are held against each other: both are in memory then."""
ENDING = ".zst"


def is_packed(folder: Path) -> bool:
    """Whether a folder of the archive is a packed release."""
    return (folder / PACKED).is_file()


def pack(objects: Path, release: Release, kin: Iterable[Release]) -> int:
    """Bring all contents of a release into the objects; how many bytes they took.

    `kin` are other releases, oldest first, whose files of the same names are likely alike. The release's own files
    stay. Raises ReleaseError for a file that is not as the manifest says.
    """
    objects.mkdir(parents=True, exist_ok=True)
    likely: dict[str, list[str]] = {}
    for relative in kin:
        for name, facts in relative.manifest["files"].items():
            likely.setdefault(name, []).append(facts["sha256"])
    taken = 0
    for name, facts in release.manifest["files"].items():
        sha = facts["sha256"]
        if _find(objects, sha) is not None:
            continue
        content = (release.folder / name).read_bytes()
        if hashlib.sha256(content).hexdigest() != sha:
            raise ReleaseError(
                f"{release.folder / name} is not what its manifest says, so the release is not packed:"
                " citypanel status says what was changed"
            )
        taken += _put(objects, sha, content, likely.get(name, ()))
    return taken


def unpack(objects: Path, release: Release, target: Path) -> None:
    """Write all files of a packed release to a new folder; raises ReleaseError for a content that is lost."""
    for name, facts in release.manifest["files"].items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content_of(objects, facts["sha256"]))
    shutil.copyfile(release.folder / MANIFEST, target / MANIFEST)


def content_of(objects: Path, sha: str) -> bytes:
    """A content by its hash; raises ReleaseError where it is lost or damaged."""
    path = _find(objects, sha)
    if path is None:
        raise ReleaseError(
            f"{objects} lacks the content {sha}: it was deleted by hand; bring the folder back from a copy"
        )
    base = _base_of(path)
    try:
        content = _expand(path.read_bytes(), content_of(objects, base) if base else None)
    except zstd.ZstdError as error:
        raise ReleaseError(f"{path} is damaged ({error}): bring it back from a copy") from error
    if hashlib.sha256(content).hexdigest() != sha:
        raise ReleaseError(f"{path} is damaged, its hash is another: bring it back from a copy")
    return content


def lay_down(release: Release, away: Path) -> Path:
    """Put the packed form of a release, whose contents are in the objects, in the place of its folder.

    `away` is a private folder on the same disk, where the files go. A reader who has one open keeps it.
    """
    folder = release.folder
    packed = folder.parent / f".{folder.name}.packed"
    shutil.rmtree(packed, ignore_errors=True)
    packed.mkdir()
    for name in BESIDE:
        if (folder / name).is_file():
            shutil.copyfile(folder / name, packed / name)
    (packed / PACKED).touch()
    away.mkdir(parents=True, exist_ok=True)
    folder.rename(away / folder.name)
    packed.rename(folder)
    shutil.rmtree(away / folder.name, ignore_errors=True)
    return folder


def finish_laying_down(archive: Path) -> None:
    """Complete what a kill stopped between the two renames of `lay_down`."""
    for packed in archive.glob(".*.packed"):
        folder = archive / packed.name.removeprefix(".").removesuffix(".packed")
        if folder.exists() or not (packed / PACKED).is_file():
            shutil.rmtree(packed, ignore_errors=True)
        else:
            packed.rename(folder)


def stand_up(objects: Path, release: Release, private: Path) -> Release:
    """Put the whole release in the place of its packed form; raises ReleaseError where it can't be read back."""
    folder = release.folder
    whole = private / folder.name
    shutil.rmtree(whole, ignore_errors=True)
    whole.mkdir(parents=True)
    unpack(objects, release, whole)
    away = private / f"{folder.name}.packed"
    shutil.rmtree(away, ignore_errors=True)
    folder.rename(away)
    whole.rename(folder)
    shutil.rmtree(away, ignore_errors=True)
    found = read_release(folder)
    if found is None:
        raise ReleaseError(f"{folder} can't be read back: check the disk")
    return found


def clear(objects: Path, needed: Iterable[Release]) -> int:
    """Delete contents that no packed release needs, by itself or as what another rests on; bytes gained."""
    if not objects.is_dir():
        return 0
    wanted = {facts["sha256"] for release in needed for facts in release.manifest["files"].values()}
    held = dict(_held(objects))
    wanted |= {base for sha in wanted if sha in held and (base := _base_of(held[sha]))}
    gained = 0
    for sha, path in held.items():
        if sha not in wanted:
            gained += path.stat().st_size
            path.unlink()
    for leftover in objects.glob("*.part"):
        leftover.unlink()
    return gained


# ---- one content


def _held(objects: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(objects.glob(f"*{ENDING}")):
        yield path.name.partition(".")[0], path


def _find(objects: Path, sha: str) -> Path | None:
    whole = objects / f"{sha}{ENDING}"
    if whole.is_file():
        return whole
    return next(iter(sorted(objects.glob(f"{sha}.on-*{ENDING}"))), None)


def _base_of(path: Path) -> str | None:
    """What a kept content rests on; None for one that is whole."""
    _, on, base = path.name.removesuffix(ENDING).partition(".on-")
    return base if on else None


def _put(objects: Path, sha: str, content: bytes, likely: Iterable[str]) -> int:
    """Keep a content, in the smaller of its forms, and only after it was read back."""
    name, kept, base = f"{sha}{ENDING}", _squeeze(content, None), None
    for candidate in reversed(list(likely)):
        path = _find(objects, candidate)  # not there: a release that was never packed
        if path is None:
            continue
        of = _base_of(path) or candidate
        whole = content_of(objects, of)
        if len(whole) + len(content) > LARGEST_PAIR:
            break
        differing = _squeeze(content, whole)
        if len(differing) < WORTH_IT * len(kept):
            name, kept, base = f"{sha}.on-{of}{ENDING}", differing, whole
        break
    if _expand(kept, base) != content:
        raise ReleaseError(f"content {sha} can't be read back after packing: nothing was removed")
    part = objects / f"{sha}.{os.getpid()}.part"
    with part.open("wb") as file:
        file.write(kept)
        file.flush()
        os.fsync(file.fileno())
    part.replace(objects / name)
    return len(kept)


def _window(size: int) -> int:
    """Bits of a window that covers so many bytes, within what the format allows."""
    return min(max(size.bit_length(), 20), 31)


def _squeeze(content: bytes, base: bytes | None) -> bytes:
    options: Mapping[int, int] = {
        zstd.CompressionParameter.compression_level: LEVEL,
        zstd.CompressionParameter.window_log: _window(len(content) + len(base or b"")),
        zstd.CompressionParameter.enable_long_distance_matching: 1,
        zstd.CompressionParameter.checksum_flag: 1,
    }
    if not base:
        return zstd.compress(content, options=options)
    return zstd.compress(
        content, options=options, zstd_dict=zstd.ZstdDict(base, is_raw=True).as_prefix
    )


def _expand(kept: bytes, base: bytes | None) -> bytes:
    options: Mapping[int, int] = {zstd.DecompressionParameter.window_log_max: 31}
    if not base:
        return zstd.decompress(kept, options=options)
    return zstd.decompress(
        kept, options=options, zstd_dict=zstd.ZstdDict(base, is_raw=True).as_prefix
    )


__all__ = [
    "PACKED", "clear", "content_of", "finish_laying_down", "is_packed", "lay_down", "pack", "stand_up", "unpack",
]  # fmt: skip
