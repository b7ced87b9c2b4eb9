// Every published number becomes a check with an accepted range. A value passes if it lies in the
// range widened by a number of its statistical errors, so small samples do not fail by chance.
#include <algorithm>
#include <cmath>
#include <iomanip>
#include <limits>
#include <sstream>

#include <stationhit/core/technology.hpp>
#include <stationhit/simulation/validation.hpp>

namespace stationhit::simulation {
namespace {

// With fewer values a statistical error means nothing.
constexpr std::uint64_t fewest_values = 10;
// So many values are expected beyond a percentile that can be compared.
constexpr double fewest_beyond = 5;

class Checks {
 public:
  explicit Checks(double sigmas) : sigmas_(sigmas) {}

  // The checks that follow come from so many values.
  void from(std::uint64_t n_values) { n_values_ = n_values; }

  void relative(const std::string& quantity, double value, double error, double published,
                double tolerance, int digits) {
    add({quantity, value, error, published, published * (1 - tolerance),
         published * (1 + tolerance), digits});
  }
  void absolute(const std::string& quantity, double value, double error, double published,
                double tolerance, int digits) {
    add({quantity, value, error, published, published - tolerance, published + tolerance, digits});
  }
  void range(const std::string& quantity, double value, double error, double low, double high,
             int digits) {
    add({quantity, value, error, std::nullopt, low, high, digits});
  }
  [[nodiscard]] std::vector<Check> result() && { return std::move(checks_); }

 private:
  void add(Check check) {
    // An empty sample fails.
    check.skipped = n_values_ > 0 && n_values_ < fewest_values;
    check.passed = !check.skipped && check.value >= check.low - sigmas_ * check.error &&
                   check.value <= check.high + sigmas_ * check.error;
    checks_.push_back(std::move(check));
  }
  double sigmas_;
  std::uint64_t n_values_ = 0;
  std::vector<Check> checks_;
};

struct MeasuredFraction {
  double value = 0, error = 0;
};

MeasuredFraction measure_fraction(std::uint64_t part, std::uint64_t all) {
  if (all == 0) return {};
  const auto n = static_cast<double>(all);
  const double value = static_cast<double>(part) / n;
  // Of none and of all the binomial error is 0; one event more or less is taken instead.
  if (part == 0 || part == all) return {value, std::sqrt(n + 1) / (n + 2) / std::sqrt(n)};
  return {value, std::sqrt(value * (1 - value) / n)};
}

void check_hits(Checks& checks, const SampleStatistics& s, const PublishedStatistics& published) {
  checks.from(s.hits.count());
  checks.relative("hits / event", s.hits.mean(), s.hits.mean_error(), published.hits, 0.03, 1);
  checks.range("hits / event: sigma", s.hits.sigma(), s.hits.sigma_error(), 1000, 1600, 0);
  checks.range("hits / event: smallest", s.hits.min(), 0, published.hits_min, published.hits, 0);
  checks.range("hits / event: largest", s.hits.max(), 0, published.hits, published.hits_max, 0);
  checks.relative("true hits / event", s.true_hits.mean(), s.true_hits.mean_error(),
                  published.true_hits, 0.05, 2);
  for (std::size_t t = 0; t < core::technologies.size(); ++t) {
    const core::Technology technology = core::technologies[t];
    const bool small_wheel =
        technology == core::Technology::stgc || technology == core::Technology::mm;
    const Distribution &all = s.technology_hits[t], &of_muons = s.technology_true_hits[t];
    const std::string name(core::name(technology));
    checks.relative(name + " hits / event", all.mean(), all.mean_error(),
                    published.technology_hits[t], 0.05, 1);
    checks.relative(name + " true hits / event", of_muons.mean(), of_muons.mean_error(),
                    published.technology_true_hits[t], small_wheel ? 0.15 : 0.05, 3);
  }
}

void check_muons(Checks& checks, const SampleStatistics& s, const PublishedStatistics& published) {
  checks.absolute("muons / event", s.muons.mean(), s.muons.mean_error(), published.muons, 0.05, 3);
  for (std::uint32_t n = 1; n <= published.muon_shares.size(); ++n) {
    std::uint64_t events = 0;
    for (const auto& [muons, times] : s.muons.values())
      if (std::min<std::uint32_t>(muons, 4) == n) events += times;
    const auto [value, error] = measure_fraction(events, s.kept_events());
    checks.absolute("events with " + std::to_string(n) + (n == 1 ? " muon in %" : " muons in %"),
                    100 * value, 100 * error, 100 * published.muon_shares[n - 1], 3, 1);
  }
  const Distribution& hits = s.hits_per_muon;
  checks.from(hits.count());
  checks.relative("hits / muon", hits.mean(), hits.mean_error(), published.hits_per_muon, 0.03, 2);
  checks.relative("hits / muon: sigma", hits.sigma(), hits.sigma_error(),
                  published.hits_per_muon_sigma, 0.10, 2);
  for (std::size_t i = 0; i < percentile_levels.size(); ++i) {
    const double level = percentile_levels[i];
    const auto percent = std::to_string(static_cast<int>(std::lround(100 * level)));
    const double beyond = static_cast<double>(hits.count()) * std::min(level, 1 - level);
    checks.from(beyond < fewest_beyond ? std::min<std::uint64_t>(hits.count(), 1) : hits.count());
    checks.absolute("hits / muon: " + percent + " % percentile", hits.quantile(level),
                    hits.quantile_error(level), published.percentiles[i], 2, 1);
  }
  const double muons_before =
      s.events > 0 ? static_cast<double>(s.muons_before) / static_cast<double>(s.events) : 0;
  const double spread =
      s.events > 0 ? s.muons.sigma() / std::sqrt(static_cast<double>(s.events)) : 0;
  checks.from(s.events);
  checks.range("before cuts: muons / event", muons_before, spread, 1.5, 1.7, 3);
  const auto [failing, failing_error] = measure_fraction(s.muons_failing_pt, s.muons_before);
  checks.from(s.muons_before);
  checks.range("before cuts: failing pT in %", 100 * failing, 100 * failing_error, 6, 9, 2);
}

std::string result_of(const Check& check, const char* failed) {
  return check.skipped ? "too few" : check.passed ? "pass" : failed;
}

std::string fixed(double value, int digits) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(digits) << value;
  return text.str();
}

}  // namespace

const PublishedStatistics& published_statistics() {
  static const PublishedStatistics values{6896,
                                          1720,
                                          10990,
                                          40.2,
                                          1.55,
                                          25.9,
                                          8.4,
                                          {4024, 314, 175, 1117, 1266},
                                          {27.7, 5.5, 6.6, 0.20, 0.16},
                                          {0.472, 0.503, 0.022, 0.002},
                                          {15, 19, 25, 31, 41}};
  return values;
}

std::vector<Check> validate(const SampleStatistics& statistics, double sigmas) {
  Checks checks(sigmas);
  check_hits(checks, statistics, published_statistics());
  check_muons(checks, statistics, published_statistics());
  return std::move(checks).result();
}

bool all_passed(const std::vector<Check>& checks) {
  return std::ranges::any_of(checks, &Check::passed) &&
         std::ranges::all_of(checks, [](const Check& c) { return c.passed || c.skipped; });
}

std::size_t count_skipped(const std::vector<Check>& checks) {
  return static_cast<std::size_t>(std::ranges::count(checks, true, &Check::skipped));
}

std::string check_table(const std::vector<Check>& checks, bool verdict) {
  std::ostringstream text;
  const auto row = [&](const std::string& quantity, const std::string& value,
                       const std::string& error, const std::string& published,
                       const std::string& range, const std::string& result) {
    text << std::left << std::setw(30) << quantity << std::right << std::setw(10) << value
         << std::setw(9) << error << std::setw(11) << published;
    if (verdict) text << std::setw(20) << range << "  " << result;
    text << '\n';
  };
  row("quantity", "toy", "+-", "published", "accepted", "result");
  for (const Check& check : checks)
    row(check.quantity, fixed(check.value, check.digits), fixed(check.error, check.digits),
        check.published ? fixed(*check.published, check.digits) : "-",
        fixed(check.low, check.digits) + " .. " + fixed(check.high, check.digits),
        result_of(check, "FAIL"));
  return text.str();
}

std::string check_csv(const std::vector<Check>& checks) {
  std::ostringstream text;
  text << "quantity,toy,error,published,low,high,result\n"
       << std::setprecision(std::numeric_limits<double>::max_digits10);
  for (const Check& check : checks) {
    text << check.quantity << ',' << check.value << ',' << check.error << ',';
    if (check.published) text << *check.published;
    text << ',' << check.low << ',' << check.high << ',' << result_of(check, "fail") << '\n';
  }
  return text.str();
}

}  // namespace stationhit::simulation
