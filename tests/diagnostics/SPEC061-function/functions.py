def capital(records):
    return records[["AETERM"]]
