// A column of scores for RDataFrame. C++17, so that PyROOT takes it as well: its interpreter is
// older than stationhit, which needs C++20.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <ROOT/RVec.hxx>

namespace stationhit::inference {
class HitClassifier;
}  // namespace stationhit::inference

namespace example {

// The branches that ScoreColumn takes, in the order of its arguments: those of the networks that
// come with stationhit, and those that order hits which are equal in all others, so that the scores
// are those of `stationhit infer` bit for bit.
inline const std::vector<std::string> score_inputs = {"spacePoint_PositionX",
                                                      "spacePoint_PositionY",
                                                      "spacePoint_PositionZ",
                                                      "spacePoint_globPosX",
                                                      "spacePoint_globPosY",
                                                      "spacePoint_globPosZ",
                                                      "spacePoint_driftR",
                                                      "spacePoint_time",
                                                      "spacePoint_covXX",
                                                      "spacePoint_covYY",
                                                      "spacePoint_measPhi",
                                                      "spacePoint_technology",
                                                      "spacePoint_stationIndex",
                                                      "spacePoint_stationEta",
                                                      "spacePoint_stationPhi",
                                                      "spacePoint_layer",
                                                      "spacePoint_channel",
                                                      "spacePoint_secChannel",
                                                      "bucket_xMin",
                                                      "bucket_xMax",
                                                      "bucket_spacePoints"};

// Gives the logit of every hit of an entry. One classifier serves all threads and all copies that
// RDataFrame makes of this object.
class ScoreColumn {
 public:
  // Throws std::runtime_error for what is no model, and for a model that needs a branch which is
  // not in score_inputs. Call it before the first file is opened: it makes known to ROOT how
  // bucket_spacePoints is stored.
  explicit ScoreColumn(const std::string& model);

  // The cut of a working point of the model ("0.99").
  [[nodiscard]] float threshold(const std::string& working_point) const;

  ROOT::RVec<float> operator()(
      const ROOT::RVec<float>& x, const ROOT::RVec<float>& y, const ROOT::RVec<float>& z,
      const ROOT::RVec<float>& glob_x, const ROOT::RVec<float>& glob_y,
      const ROOT::RVec<float>& glob_z, const ROOT::RVec<float>& drift_r,
      const ROOT::RVec<float>& time, const ROOT::RVec<float>& cov_xx,
      const ROOT::RVec<float>& cov_yy, const ROOT::RVec<bool>& meas_phi,
      const ROOT::RVec<std::uint8_t>& technology, const ROOT::RVec<std::uint8_t>& station_index,
      const ROOT::RVec<char>& station_eta, const ROOT::RVec<std::uint8_t>& station_phi,
      const ROOT::RVec<std::uint8_t>& layer, const ROOT::RVec<std::uint16_t>& channel,
      const ROOT::RVec<std::int16_t>& sec_channel, const ROOT::RVec<float>& x_min,
      const ROOT::RVec<float>& x_max,
      const ROOT::RVec<std::vector<std::uint16_t>>& bucket_hits) const;

 private:
  std::shared_ptr<const stationhit::inference::HitClassifier> classifier_;
};

}  // namespace example
