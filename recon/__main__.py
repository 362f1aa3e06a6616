"""`python -m recon COMMAND`."""

from recon.cli import main

raise SystemExit(main())
