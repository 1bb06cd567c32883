"""The made-up Qinzhou, grown from a seed so that its truths are known.

`outline` and `places` are its data; `streets`, `lots` and `ground` grow towns; `groups` and
`stock` choose which lots are stock land; `stories` and `facts` write the ledger; `crossings` and
`zones` draw the plan; `truths` writes down what was planted.
"""

from landgis.sample.growing import SEED, grow

__all__ = ["SEED", "grow"]
