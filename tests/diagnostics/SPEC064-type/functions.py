def length(records):
    return records["AETERM"].str.len().to_frame("AEMODIFY")
