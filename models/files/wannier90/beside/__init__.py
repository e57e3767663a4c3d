"""What lies beside a _tb.dat or _hr.dat and says more of its crystal."""
