"""The engine over many companies: in this process, on a process pool, on Ray; the same bytes on each.

    from recon import scale
    companies = scale.partitions(lines, items, by="company")
    done = scale.propose_all(companies, scale.Pool(workers=4))
    done.proposals, done.failures

In: a `Partition` a company. Out: PROPOSALS, LEGS, EVIDENCE, UNMATCHED with `company` first, and what failed.
Never: a store, a clock, or one company's documents in sight of another's lines.
"""

from recon.scale.inprocess import InProcess as InProcess
from recon.scale.onray import OnRay as OnRay
from recon.scale.partition import Partition as Partition
from recon.scale.partition import bundled as bundled
from recon.scale.partition import partitions as partitions
from recon.scale.pool import Pool as Pool
from recon.scale.together import Scaled as Scaled
from recon.scale.together import propose_all as propose_all
from recon.scale.work import Asked as Asked
from recon.scale.work import Done as Done
from recon.scale.work import Runner as Runner

__all__ = [
    "Asked",
    "Done",
    "InProcess",
    "OnRay",
    "Partition",
    "Pool",
    "Runner",
    "Scaled",
    "bundled",
    "partitions",
    "propose_all",
]
