# What the mapping language means in R: base R and dplyr only. A script gets those that it uses.

# A condition is true or false: what is missing does not hold.
holds <- function(condition) condition %in% TRUE

# Texts joined; missing where one of them is.
joined <- function(a, b) {
  result <- paste0(a, b)
  result[is.na(a) | is.na(b)] <- NA_character_
  result
}

# Whether a text holds another; missing where one of them is.
contains_text <- function(x, part) {
  found <- mapply(grepl, part, x, MoreArgs = list(fixed = TRUE), USE.NAMES = FALSE)
  ifelse(is.na(x) | is.na(part), NA, as.logical(found))
}

# Summaries of the values that are not missing; of none they are missing.
minimum <- function(x) if (all(is.na(x))) x[NA_integer_] else min(x, na.rm = TRUE)

maximum <- function(x) if (all(is.na(x))) x[NA_integer_] else max(x, na.rm = TRUE)

total <- function(x) if (all(is.na(x))) NA_real_ else sum(x, na.rm = TRUE)

mean_of <- function(x) if (all(is.na(x))) NA_real_ else mean(x, na.rm = TRUE)

# The smallest and the largest of several values of a record; missing ones are passed over.
earliest <- function(...) pmin(..., na.rm = TRUE)

latest <- function(...) pmax(..., na.rm = TRUE)

# The value of a key in a named vector.
looked_up <- function(key, table) unname(table[as.character(key)])

# A division by zero is missing.
quotient <- function(a, b) a / ifelse(b == 0, NA_real_, b)

# Dates move by whole days, dates with time by whole seconds.
moved <- function(time, by) time + ifelse(by == floor(by), by, NA_real_)

# What is known of an ISO 8601 date from the left: of 2026---14 that is 2026.
known <- function(x) {
  part <- "^((\\d{4}(-\\d{2}(-\\d{2}(T\\d{2}(:\\d{2}(:\\d{2})?)?)?)?)?)?).*$"
  ifelse(grepl("--|T-|:-", x), sub(part, "\\1", x, perl = TRUE), as.character(x))
}

# ISO 8601 dates, complete or partial, are compared by the parts that both have.
dtc_before <- function(a, b) {
  a <- known(a)
  b <- known(b)
  substring(a, 1, nchar(b)) < substring(b, 1, nchar(a))
}

# On the same day: both are complete at least to the day, and the parts that both have are equal.
dtc_on_or_before <- function(a, b) {
  left <- known(a)
  right <- known(b)
  same <- substring(left, 1, nchar(right)) == substring(right, 1, nchar(left))
  dtc_before(a, b) | (same & pmin(nchar(left), nchar(right)) >= 10)
}

# ISO 8601 text of a date, and of a date with time.
dtc_of_date <- function(x) format(x, "%Y-%m-%d")

dtc_of_datetime <- function(x) format(x, "%Y-%m-%dT%H:%M:%S", tz = "UTC")

# The date of an ISO 8601 text; missing if it is not complete to the day.
dtc_date <- function(x) {
  complete <- ifelse(grepl("^\\d{4}-\\d{2}-\\d{2}", x), substr(x, 1, 10), NA_character_)
  as.Date(as.character(complete), format = "%Y-%m-%d")
}

# Days from a reference date, which is day 1; the day before it is day -1.
study_day <- function(date, reference) as.numeric(date - reference) + (date >= reference)

# Completed years from a date to another.
completed_years <- function(birth, at) {
  part <- function(date, form) as.numeric(format(date, form))
  part(at, "%Y") - part(birth, "%Y") - (part(at, "%m%d") < part(birth, "%m%d"))
}

# Completed calendar months from a date to another; negative backwards.
completed_months <- function(start, end) {
  forward <- function(from, to) {
    part <- function(date, form) as.numeric(format(date, form))
    months <- 12 * (part(to, "%Y") - part(from, "%Y")) + part(to, "%m") - part(from, "%m")
    months - (part(to, "%d") < part(from, "%d"))
  }
  ifelse(end >= start, forward(start, end), -forward(end, start))
}

# The moment of an ISO 8601 text; missing if its minutes are not known.
dtc_moment <- function(x) {
  complete <- nchar(x) >= 16 & !grepl("--|:-|T-", x)
  text <- ifelse(complete, paste0(x, ifelse(nchar(x) < 19, ":00", "")), NA_character_)
  as.POSIXct(as.character(text), format = "%Y-%m-%dT%H:%M:%S", tz = "UTC")
}

# What mathematics has no result for is missing.
finite <- function(x) {
  x <- suppressWarnings(x)
  ifelse(is.finite(x), x, NA_real_)
}

# The remainder of a division, with the sign of the number that is divided.
remainder <- function(a, b) a - b * trunc(a / b)

# Of several numbers of a record; missing ones are passed over.
least <- function(...) pmin(..., na.rm = TRUE)

greatest <- function(...) pmax(..., na.rm = TRUE)

average <- function(...) finite(rowMeans(cbind(...), na.rm = TRUE))

# Blanks at the ends removed.
trimmed <- function(x) gsub("^ +| +$", "", x)

# Of several values of a record the n-th that is there, and how many are; a value counts once.
nth_there <- function(n, ...) {
  first <- function(x) unique(x[!is.na(x)])[n]
  unname(vapply(asplit(cbind(...), 1), first, character(1)))
}

count_there <- function(...) {
  there <- function(x) as.numeric(length(unique(x[!is.na(x)])))
  unname(vapply(asplit(cbind(...), 1), there, numeric(1)))
}

# Where a date lies against another, as far as both are known: before -1, same 0, after 1.
side_of <- function(a, b) {
  left <- substring(a, 1, nchar(b))
  right <- substring(b, 1, nchar(a))
  case_when(
    left < right ~ -1,
    left > right ~ 1,
    nchar(a) >= 10 & nchar(b) >= 10 ~ 0
  )
}

# The number behind < or >.
limit_of <- function(x) {
  form <- "^\\s*(?:<=|>=|<|>)\\s*([+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?)\\s*$"
  number(ifelse(grepl(form, x, perl = TRUE), sub(form, "\\1", x, perl = TRUE), NA_character_))
}

# How many digits the text of a number or of a limit has after the point.
decimals_of <- function(x) {
  form <- "^\\s*(?:[<>]=?)?\\s*[+-]?(?:\\d+\\.?(\\d*)|\\.(\\d+))\\s*$"
  fits <- grepl(form, x, perl = TRUE)
  ifelse(fits, nchar(sub(form, "\\1\\2", x, perl = TRUE)), NA_real_)
}

# The number that a text is; missing if it is none.
number <- function(x) {
  fits <- grepl("^\\s*[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?\\s*$", x, perl = TRUE)
  result <- as.numeric(ifelse(fits, x, NA_character_))
  ifelse(is.finite(result), result, NA_real_)
}

# The shortest text that reads back as the same number.
number_text <- function(x) {
  result <- sprintf("%.15g", x)
  for (digits in 16:17) {
    longer <- !is.na(x) & as.numeric(result) != x
    result[longer] <- sprintf("%.*g", digits, x[longer])
  }
  small <- holds(abs(x) < 1e-3) & holds(as.numeric(sprintf("%.15f", x)) == x)
  result[small] <- sub("0+$", "", sprintf("%.15f", x[small]))
  whole <- holds(x == floor(x)) & holds(abs(x) < 1e15)
  result[whole] <- sprintf("%.0f", x[whole])
  result[is.na(x)] <- NA_character_
  result
}

# Half is rounded away from zero, in decimals.
round_half_up <- function(x, digits) {
  shifted <- round(abs(x) * 10^digits, max(12 - digits, 0))
  sign(x) * floor(shifted + 0.5) / 10^digits
}

# Blanks and control characters: none at the ends, one between words.
squish <- function(x) {
  x <- gsub("[\u0001-\u0020\u00A0\u3000]+", " ", enc2utf8(x), perl = TRUE)
  gsub("^ +| +$", "", x)
}

# Full-width characters as ASCII.
narrowed <- function(x) {
  wide <- intToUtf8(c(0xFF01:0xFF5E, 0x3000))
  chartr(wide, intToUtf8(c(0x21:0x7E, 0x20)), enc2utf8(x))
}

# Full-width characters as ASCII, an ideographic stop between digits as a point.
halfwidth <- function(x) gsub("(\\d)\u3002(\\d)", "\\1.\\2", narrowed(x), perl = TRUE)

# Names of countries as they are compared: case, accents, signs and articles do not count.
country_key <- function(x) {
  x <- tolower(narrowed(x))
  x <- chartr("àáâãäåçèéêëìíîïñòóôõöùúûüýÿ", "aaaaaaceeeeiiiinooooouuuuyy", x)
  gsub("\\bthe\\b|[^a-z0-9]+", "", gsub("&", " and ", x, fixed = TRUE), perl = TRUE)
}

# Texts as they are compared with terms: width, blanks and case do not count.
folded <- function(x) {
  blanks <- paste0(
    "[\u0009-\u000D\u001C-\u0020\u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F",
    "\u205F\u3000]+"
  )
  tolower(gsub("^ +| +$", "", gsub(blanks, " ", narrowed(x), perl = TRUE)))
}

# The n-th part of a text cut at a separator.
nth_part <- function(x, n, separator) {
  vapply(strsplit(x, separator, fixed = TRUE), function(parts) parts[n], character(1))
}

# A result in another unit, by factors named "test|from|to" or "|from|to"; < and > are kept.
unit_factor <- function(from, to, test, factors) {
  found <- coalesce(
    looked_up(paste(test, from, to, sep = "|"), factors),
    looked_up(paste("", from, to, sep = "|"), factors)
  )
  ifelse(holds(from == to), "1", found)
}

convert_number <- function(x, from, to, test, factors) {
  round(x * as.numeric(unit_factor(from, to, test, factors)), 10)
}

convert_text <- function(x, from, to, test, factors) {
  factor <- unit_factor(from, to, test, factors)
  form <- "^\\s*((?:<=|>=|<|>)?)\\s*([+-]?\\d+\\.?\\d*(?:[eE][+-]?\\d+)?)\\s*$"
  fits <- grepl(form, x, perl = TRUE)
  amount <- as.numeric(ifelse(fits, sub(form, "\\2", x, perl = TRUE), NA_character_))
  sign <- ifelse(fits, sub(form, "\\1", x, perl = TRUE), "")
  case_when(
    is.na(x) | is.na(factor) ~ NA_character_,
    factor == "1" | is.na(amount) ~ gsub("^ +| +$", "", x),
    TRUE ~ paste0(sign, number_text(round(amount * as.numeric(factor), 10)))
  )
}

# A complete date, or date with time, from a partial one. `from` is the highest part that may be
# filled, `date` is "first", "mid", "last" or a month and day, `time` a time of the day; what is
# filled does not pass the bounds where they are possible values of the partial date.
impute <- function(x, from, date = "first", time = NA, lower = list(), upper = list(), keep = FALSE) {
  kept <- keep & grepl("^\\d{4}---\\d{2}", x, perl = TRUE)
  x <- coalesce(ifelse(kept, substr(x, 1, 9), known(x)), "")
  level <- match(from, c("year", "month", "day", "hour", "minute", "second"))
  filled <- function(how, clock) {
    day <- impute_date(x, how, level)
    if (is.na(time)) day else impute_time(x, day, clock, level)
  }
  result <- filled(date, time)
  possible <- function(limit) {
    early <- filled("first", "00:00:00")
    late <- filled("last", "23:59:59")
    open <- from == "year" & is.na(early) & !is.na(limit)
    open | holds(limit >= early & limit <= late)
  }
  for (limit in lower) {
    result <- if_else(possible(limit), pmax(result, limit, na.rm = TRUE), result)
  }
  for (limit in upper) {
    result <- if_else(possible(limit), pmin(result, limit, na.rm = TRUE), result)
  }
  result
}

impute_date <- function(x, how, level) {
  named <- how %in% c("first", "mid", "last")
  month <- if (named) c(first = "01", mid = "06", last = "12")[[how]] else substr(how, 1, 2)
  day <- if (named) c(first = 1, mid = 15, last = 31)[[how]] else as.numeric(substr(how, 4, 5))
  year_day <- if (how == "mid") 30 else day
  case_when(
    nchar(x) >= 10 ~ dtc_date(x),
    nchar(x) == 7 & level <= 3 ~ day_of_month(x, day),
    nchar(x) == 9 & level <= 2 ~
      day_of_month(paste0(substr(x, 1, 4), "-", month), as.numeric(substr(x, 8, 9))),
    nchar(x) == 4 & level <= 2 ~ day_of_month(paste0(x, "-", month), year_day)
  )
}

# A day of a month, or the last day of a shorter month.
day_of_month <- function(month, day) {
  first <- dtc_date(paste0(month, "-01"))
  last <- as.Date(format(first + 31, "%Y-%m-01")) - 1
  pmin(first + day - 1, last)
}

impute_time <- function(x, day, clock, level) {
  given <- substr(x, 12, 19)
  needed <- if (level <= 4) 0 else if (level == 5) 2 else 5
  text <- paste0(day, " ", given, substring(clock, nchar(given) + 1))
  text <- ifelse(nchar(given) >= needed, text, NA_character_)
  as.POSIXct(text, format = "%Y-%m-%d %H:%M:%S", tz = "UTC")
}

# The first and the last second of a day.
start_of_day <- function(date) as.POSIXct(format(date), format = "%Y-%m-%d", tz = "UTC")

end_of_day <- function(date) start_of_day(date) + 86399

# The highest part of a date that is missing, and of a time.
imputed_date_part <- function(x) {
  x <- coalesce(known(x), "")
  case_when(nchar(x) == 7 ~ "D", nchar(x) == 4 ~ "M", nchar(x) < 4 ~ "Y")
}

imputed_time_part <- function(x) {
  x <- coalesce(known(x), "")
  case_when(
    nchar(x) >= 19 ~ NA_character_,
    nchar(x) >= 16 ~ "S",
    nchar(x) >= 13 ~ "M",
    TRUE ~ "H"
  )
}

# A number of days since 30 December 1899, as spreadsheet programs keep dates, written as a date.
written_out <- function(x) {
  is_serial <- !is.na(x) & grepl("^ *[2-7]\\d{4}(\\.\\d+)? *$", x)
  seconds <- floor(suppressWarnings(as.numeric(ifelse(is_serial, x, NA))) * 86400 + 0.5)
  moment <- as.POSIXct(seconds, origin = "1899-12-30", tz = "UTC")
  form <- case_when(
    !grepl(".", x, fixed = TRUE) ~ "%Y-%m-%d",
    seconds %% 60 == 0 ~ "%Y-%m-%d %H:%M",
    TRUE ~ "%Y-%m-%d %H:%M:%S"
  )
  ifelse(is_serial, format(moment, form), x)
}

# A collected date, time, or date and time, as ISO 8601 by the first form that fits.
iso <- function(x, forms, unknown = character(), turn = NA) {
  na_if(iso_read(x, forms, unknown, turn), "")
}

# The same of a date and a time that were collected apart.
iso_apart <- function(date, time, dates, times, unknown = character(), turn = NA) {
  day <- ifelse(is.na(date), "", iso_read(date, dates, unknown, turn))
  na_if(iso_joined(day, iso_read(time, times, unknown, turn)), "")
}

# "" where every part is unknown, missing where no form fits or where there is no such day.
iso_read <- function(x, forms, unknown, turn) {
  x <- as.character(x)
  names <- c("year", "month", "day", "hour", "minute", "second")
  parts <- matrix(NA_character_, length(x), 6, dimnames = list(NULL, names))
  fits <- rep(FALSE, length(x))
  has <- character()
  for (form in forms) {
    read <- iso_pattern(form, unknown)
    has <- union(has, sub("short_", "", read$parts))
    open <- which(!fits & !is.na(x))
    found <- regmatches(x[open], regexec(read$pattern, x[open], ignore.case = TRUE, perl = TRUE))
    fit <- lengths(found) > 0
    fits[open[fit]] <- TRUE
    for (n in seq_along(read$parts)) {
      value <- vapply(found[fit], function(one) one[n + 1], character(1))
      parts[open[fit], sub("short_", "", read$parts[n])] <- iso_part(value, read$parts[n], turn)
    }
  }
  fits <- fits | toupper(gsub("^ +| +$", "", x)) %in% toupper(unknown)
  date <- iso_date(parts[, "year"], parts[, "month"], parts[, "day"])
  time <- iso_time(parts[, "hour"], parts[, "minute"], parts[, "second"])
  result <- if (!any(names[1:3] %in% has)) {
    time
  } else if (any(names[4:6] %in% has)) {
    ifelse(is.na(time), NA_character_, iso_joined(date, time))
  } else {
    date
  }
  ifelse(fits, result, NA_character_)
}

# The regular expression of a form, and the part that each group holds.
iso_pattern <- function(form, unknown) {
  months <- paste0(
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|",
    "sep(?:tember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|sept)"
  )
  digits <- c(
    d = "\\d{1,2}", dd = "\\d{2}", m = "\\d{1,2}", mm = "\\d{2}", mmm = months, y = "\\d{4}",
    yyyy = "\\d{4}", yy = "\\d{2}", H = "\\d{1,2}", HH = "\\d{2}", M = "\\d{1,2}", MM = "\\d{2}",
    S = "\\d{1,2}", SS = "\\d{2}"
  )
  part <- c(
    d = "day", dd = "day", m = "month", mm = "month", mmm = "month", y = "year", yyyy = "year",
    yy = "short_year", H = "hour", HH = "hour", M = "minute", MM = "minute", S = "second",
    SS = "second"
  )
  quoted <- function(text) gsub("([^[:alnum:] ])", "\\\\\\1", text)
  pieces <- regmatches(form, gregexpr("mmm|dd?|mm?|yyyy|yy?|HH?|MM?|SS?|.", form))[[1]]
  is_part <- pieces %in% names(part)
  other <- paste0("|", quoted(unknown), recycle0 = TRUE)
  group <- paste0("(", digits[pieces], paste(other, collapse = ""), ")")
  between <- ifelse(pieces == " ", "\\s+", quoted(pieces))
  pattern <- paste0("^\\s*", paste(ifelse(is_part, group, between), collapse = ""), "\\s*$")
  list(pattern = pattern, parts = unname(part[pieces[is_part]]))
}

# The digits of a part; missing where it is unknown.
iso_part <- function(value, part, turn) {
  months <- c("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
  digits <- suppressWarnings(as.integer(ifelse(grepl("^\\d+$", value), value, NA)))
  if (part == "month") digits <- coalesce(digits, match(tolower(substr(value, 1, 3)), months))
  if (part == "short_year") digits <- turn + (digits - turn %% 100 + 100) %% 100
  form <- if (part %in% c("year", "short_year")) "%04d" else "%02d"
  ifelse(is.na(digits), NA_character_, sprintf(form, as.integer(digits)))
}

iso_date <- function(year, month, day) {
  complete <- paste(coalesce(year, "2000"), month, day, sep = "-")
  case_when(
    month < "01" | month > "12" | day < "01" | day > "31" ~ NA_character_,
    !is.na(month) & !is.na(day) & is.na(dtc_date(complete)) ~ NA_character_,
    is.na(year) & is.na(month) & is.na(day) ~ "",
    is.na(year) & is.na(month) ~ paste0("-----", day),
    is.na(year) ~ paste0("--", month, ifelse(is.na(day), "", paste0("-", day))),
    is.na(month) ~ paste0(year, ifelse(is.na(day), "", paste0("---", day))),
    TRUE ~ paste0(year, "-", month, ifelse(is.na(day), "", paste0("-", day)))
  )
}

iso_time <- function(hour, minute, second) {
  case_when(
    is.na(hour) & is.na(minute) & is.na(second) ~ "",
    hour == "24" & coalesce(minute, "00") == "00" & coalesce(second, "00") == "00" ~ "24:00",
    hour > "23" | minute > "59" | second > "59" ~ NA_character_,
    TRUE ~ paste0(
      coalesce(hour, "-"),
      ifelse(is.na(minute), ifelse(is.na(second), "", ":-"), paste0(":", minute)),
      ifelse(is.na(second), "", paste0(":", second))
    )
  )
}

# Date and time in one; 24:00 is 00:00 of the next day; missing parts are hyphens.
iso_joined <- function(date, time) {
  hyphens <- case_when(
    date == "" ~ "-----",
    nchar(date) == 4 & substr(date, 1, 1) != "-" ~ paste0(date, "----"),
    nchar(date) == 4 | (nchar(date) == 7 & substr(date, 1, 1) != "-") ~ paste0(date, "--"),
    TRUE ~ date
  )
  case_when(
    coalesce(time, "") == "" ~ date,
    is.na(date) ~ NA_character_,
    time == "24:00" & nchar(date) == 10 ~ paste0(dtc_of_date(dtc_date(date) + 1), "T00:00"),
    TRUE ~ paste0(hyphens, "T", time)
  )
}

# Texts of a transport file: an empty text is missing.
missing_texts <- function(data) mutate(data, across(where(is.character), ~ na_if(.x, "")))

# A raw file, every field as the text that was collected.
read_form <- function(file, missing = character(), encoding = "UTF-8-BOM", separator = ",",
                      prefix = "") {
  data <- read.csv(
    file,
    colClasses = "character", na.strings = c("", missing), fileEncoding = encoding,
    sep = separator, check.names = FALSE
  )
  short <- startsWith(names(data), prefix)
  names(data)[short] <- substring(names(data)[short], nchar(prefix) + 1)
  data
}
