// The fields are compared one after another in the order that the header defines. A rank sorts the
// hits once by that order, with the index as the last resort, so later code compares two integers
// instead of twelve columns.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <type_traits>

#include <stationhit/core/canonical_order.hpp>

namespace stationhit::core {

int compare_canonical(const HitColumns& hits, std::uint32_t a, std::uint32_t b) {
  int order = 0;
  const auto compare = [&](const auto& column) {
    if (order == 0) order = (column[b] < column[a]) - (column[a] < column[b]);
    // NaN stands last, so that this stays an order (sorting with anything else is undefined).
    if constexpr (std::is_floating_point_v<
                      typename std::remove_cvref_t<decltype(column)>::value_type>) {
      if (order == 0)
        order = static_cast<int>(std::isnan(column[a])) - static_cast<int>(std::isnan(column[b]));
    }
  };
  compare(hits.technology);
  compare(hits.station_index);
  compare(hits.station_eta);
  compare(hits.station_phi);
  compare(hits.layer);
  compare(hits.channel);
  compare(hits.sec_channel);
  compare(hits.local_x);
  compare(hits.local_y);
  compare(hits.local_z);
  compare(hits.drift_r);
  compare(hits.time);
  return order;
}

std::vector<std::uint32_t> canonical_rank(const HitColumns& hits) {
  std::vector<std::uint32_t> order(hits.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    const int c = compare_canonical(hits, a, b);
    return c != 0 ? c < 0 : a < b;
  });
  std::vector<std::uint32_t> rank(hits.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) rank[order[i]] = i;
  return rank;
}

}  // namespace stationhit::core
