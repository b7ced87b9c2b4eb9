// ROC, purity and rejection against efficiency: one list of operating points serves all of them.
#pragma once

#include <cstddef>
#include <vector>

#include <stationhit/metrics/ranked_scores.hpp>

namespace stationhit::metrics {

struct CurvePoint {
  float threshold = 0;
  Counts counts;  // exact at this threshold
};

// Operating points from "keeps nothing" to "keeps everything", thresholds descending. At most about
// max_points: all different scores where there are fewer, else half of the points share out the
// signal efficiency (evenly, and towards 1 logarithmically), half the number of background hits
// kept (logarithmically).
[[nodiscard]] std::vector<CurvePoint> operating_points(const RankedScores& ranked,
                                                       std::size_t max_points = 2000);

}  // namespace stationhit::metrics
