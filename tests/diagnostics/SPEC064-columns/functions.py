def capitals(records):
    records["AEMODIFY"] = records["AETERM"].str.upper()
    return records
