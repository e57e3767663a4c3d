"""Reader and writer of Wannier90 files."""

from models.wannier90.model import WannierFile, read_matrices, read_report
from models.wannier90.options import WannierOptions
from models.wannier90.report import Gap, Repair, WannierReport
from models.wannier90.write import write_tb

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
