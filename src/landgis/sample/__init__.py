"""The made-up Qinzhou, grown from a seed so that its truths are known."""
