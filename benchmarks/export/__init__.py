"""Does an exported file say what its ranker says, how large is it, how fast?"""
