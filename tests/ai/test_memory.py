"""Freed memory stays with the process, so that a batch does not pay for pages again."""

import platform
import resource

import pytest
import torch

from ai.memory import keep


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_blocks_that_are_made_again_cost_no_new_pages():
    assert keep()
    assert keep(), "asking twice is asking once"

    def faults():
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for _ in range(20):
            held = [torch.ones(1_500_000) for _ in range(8)]  # 6 MB, 1,465 pages each
            del held
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

    faults()
    assert faults() < 20_000, "234,000 pages where every block is mapped anew"
