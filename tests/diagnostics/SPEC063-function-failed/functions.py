def capitals(records):
    return spelled(records["AETREM"])


def spelled(terms):
    return terms.str.upper().to_frame("AEMODIFY")
