"""What PNAS and NAO learn about architectures: tokens, ensembles of small nets, an autoencoder, a plane to show it in.

Small nets on the CPU whose weights come from a generator of their own. Nothing here decides what is tried next.
"""
