// Distribution of a count: moments and quantiles with their standard errors.
#pragma once

#include <cstdint>
#include <map>

namespace stationhit::simulation {

// All numbers are 0 as long as no value was added.
class Distribution {
 public:
  void add(std::uint32_t value) {
    ++values_[value];
    ++n_;
  }
  [[nodiscard]] std::uint64_t count() const { return n_; }
  [[nodiscard]] std::uint32_t min() const { return n_ > 0 ? values_.begin()->first : 0; }
  [[nodiscard]] std::uint32_t max() const { return n_ > 0 ? values_.rbegin()->first : 0; }
  [[nodiscard]] double mean() const;
  [[nodiscard]] double mean_error() const;
  [[nodiscard]] double sigma() const;        // population standard deviation
  [[nodiscard]] double sigma_error() const;  // from the fourth moment
  // Smallest value that at least a share p of all values does not exceed.
  [[nodiscard]] double quantile(double p) const;
  // Half the distance of the quantiles one binomial standard deviation around p, at least half a
  // unit.
  [[nodiscard]] double quantile_error(double p) const;
  [[nodiscard]] const std::map<std::uint32_t, std::uint64_t>& values() const {
    return values_;
  }  // value -> how often

 private:
  [[nodiscard]] double central_moment(int order) const;

  std::map<std::uint32_t, std::uint64_t> values_;
  std::uint64_t n_ = 0;
};

}  // namespace stationhit::simulation
