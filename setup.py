"""Ships the data workbook inside the package ``mfa``, but not the scripts that make it; archives that repeat to the byte."""

import gzip
import os
import tarfile
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist


class BuildWithoutDataScripts(build_py):
    """Leaves the modules of ``data/`` out: they need the source tables, which are not shipped."""

    def find_package_modules(self, package, package_dir):  # noqa: ANN001, ANN201
        """Return the modules of a package."""
        return [] if package == "mfa.data" else super().find_package_modules(package, package_dir)


class SdistThatRepeats(sdist):
    """Makes the same archive from the same sources: SOURCE_DATE_EPOCH dates everything, and nobody owns it.

    Setuptools heeds that variable in wheels only.
    """

    def make_archive(self, base_name, format, root_dir=None, base_dir=None, owner=None, group=None):  # noqa: ANN001, ANN201
        """Return the path of the archive."""
        if format != "gztar" or "SOURCE_DATE_EPOCH" not in os.environ:
            return super().make_archive(base_name, format, root_dir, base_dir, owner, group)
        epoch = int(os.environ["SOURCE_DATE_EPOCH"])

        def plain(member):  # noqa: ANN001, ANN202
            member.mtime, member.uid, member.gid, member.uname, member.gname = epoch, 0, 0, "", ""
            member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
            return member

        root, archive = Path(root_dir or "."), f"{base_name}.tar.gz"
        with (
            Path(archive).open("wb") as file,
            gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=epoch) as packed,
            tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
        ):
            for path in [root / base_dir, *sorted((root / base_dir).rglob("*"))]:
                tar.add(path, arcname=path.relative_to(root).as_posix(), recursive=False, filter=plain)
        return archive


setup(cmdclass={"build_py": BuildWithoutDataScripts, "sdist": SdistThatRepeats})
