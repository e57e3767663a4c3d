"""Reader and writer of Wannier90 files."""

from explorer.models.files.wannier90.model import WannierFile, read_matrices, read_report
from explorer.models.files.wannier90.options import WannierOptions
from explorer.models.files.wannier90.report import Gap, Repair, WannierReport
from explorer.models.files.wannier90.write import write_tb

__all__ = [
    "Gap",
    "Repair",
    "WannierFile",
    "WannierOptions",
    "WannierReport",
    "read_matrices",
    "read_report",
    "write_tb",
]
