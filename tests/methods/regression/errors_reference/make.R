# Makes expected.csv of panel.csv: see make.py.
library(clubSandwich)
library(sandwich)
library(plm)
rows <- read.csv("panel.csv")
found <- data.frame()
keep <- function(effects, kind, key, term, std_error, df = NA, p = NA)
  found <<- rbind(found, data.frame(effects, kind, key, term, std_error, df, p))
formulas <- list(
  pooled = y ~ did + control,
  city = y ~ did + control + factor(city),
  year = y ~ did + control + factor(year),
  both = y ~ did + control + factor(city) + factor(year)
)
terms <- c("did", "control")
for (effects in names(formulas)) {
  fit <- lm(formulas[[effects]], data = rows)
  for (key in c("city", "province", "year")) for (type in c("CR2", "CR3")) {
    # CR3 has no plain inverse where effects lie in single clusters: the tests leave clusters out instead.
    test <- tryCatch(
      coef_test(fit, vcov = vcovCR(fit, cluster = rows[[key]], type = type), test = "Satterthwaite"),
      error = function(e) NULL)
    if (is.null(test)) next
    for (term in terms) keep(effects, type, key, term, test[term, "SE"], test[term, "df_Satt"], test[term, "p_Satt"])
  }
  # Cameron, Gelbach and Miller: G/(G-1) of each sandwich, no factor for parameters, no mending.
  both <- vcovCL(fit, cluster = rows[, c("city", "year")], type = "HC0", cadjust = TRUE, multi0 = FALSE, fix = FALSE)
  for (term in terms) keep(effects, "two_way", "city_year", term, sqrt(both[term, term]))
  for (lag in c(0, 2)) {
    dk <- vcovPL(fit, cluster = rows$city, order.by = rows$year, kernel = "Bartlett", lag = lag,
                 aggregate = TRUE, adjust = FALSE)
    for (term in terms) keep(effects, "driscoll_kraay", lag, term, sqrt(dk[term, term]))
  }
}
within <- plm(y ~ did + control, data = rows, index = c("city", "year"), model = "within", effect = "twoways")
scc <- vcovSCC(within, type = "HC0", maxlag = 2)
for (term in terms) keep("both", "driscoll_kraay_plm", 2, term, sqrt(scc[term, term]))
write.csv(format(found, digits = 15), "expected.csv", row.names = FALSE, quote = FALSE)
