"""Ships the data workbook inside the package ``mfa``, but not the scripts that make it."""

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithoutDataScripts(build_py):
    """Leaves the modules of ``data/`` out: they need the source tables, which are not shipped."""

    def find_package_modules(self, package, package_dir):  # noqa: ANN001, ANN201
        """Return the modules of a package."""
        return [] if package == "mfa.data" else super().find_package_modules(package, package_dir)


setup(cmdclass={"build_py": BuildWithoutDataScripts})
