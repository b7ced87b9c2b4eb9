#include <algorithm>
#include <map>
#include <set>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/core/files.hpp>
#include <stationhit/workflow/study_variants.hpp>

namespace stationhit::workflow {
namespace {

using Names = std::vector<std::string>;

config::RunConfig small_run() {
  config::RunConfig run;
  run.features = {"localY", "globX", "driftR", "time"};
  run.model.encoding.scales = {-1, 0, 1};
  run.graph.k = 8;
  return run;
}

Names names_of(const std::vector<StudyVariant>& variants) {
  Names names;
  for (const StudyVariant& variant : variants) names.push_back(variant.name);
  return names;
}

const StudyVariant& find(const std::vector<StudyVariant>& variants, const std::string& name) {
  const auto found = std::ranges::find(variants, name, &StudyVariant::name);
  if (found == variants.end()) throw std::runtime_error("no variant " + name);
  return *found;
}

TEST(StudyVariants, FeaturesAreLeftOutByGroupAndOneByOne) {
  const auto variants = make_study_variants(StudyKind::features, small_run());
  EXPECT_EQ(names_of(variants),
            (Names{"base", "without_group_local_position", "without_group_global_position",
                   "without_group_time", "without_group_drift", "without_localY", "without_globX",
                   "without_driftR", "without_time"}));
  EXPECT_EQ(find(variants, "without_driftR").run.features, (Names{"localY", "globX", "time"}));
  EXPECT_EQ(find(variants, "without_time").same_as, "without_group_time");
  EXPECT_EQ(find(variants, "without_group_time").same_as, "");
}

TEST(StudyVariants, AFeatureLeavesAllListsOfTheNetwork) {
  config::RunConfig run = small_run();
  run.model.edge_features = {"time", "localY"};
  run.model.encoding.features = {"localY", "time"};
  run.study.leave_out = {config::LeftOut::features};
  const auto variants = make_study_variants(StudyKind::features, run);
  const StudyVariant& without = find(variants, "without_time");
  EXPECT_EQ(without.not_possible, "");
  EXPECT_EQ(without.run.model.edge_features, (Names{"localY"}));
  EXPECT_EQ(without.run.model.encoding.features, (Names{"localY"}));
}

TEST(StudyVariants, WithoutItsOnlyEncodedFeatureANetworkIsNotPossible) {
  config::RunConfig run = small_run();
  run.model.encoding.features = {"time"};
  const auto variants = make_study_variants(StudyKind::features, run);
  EXPECT_EQ(find(variants, "without_time").not_possible, "model.encoding.features would be empty");
}

TEST(StudyVariants, TwoStageNeedsTheFeaturesOfItsMaps) {
  config::RunConfig run = small_run();
  run.model.architecture = "two_stage";
  run.model.encoding.scales = {0};
  for (const char* name : {"theta", "phi", "stationLayer", "nBuckets"})
    run.features.emplace_back(name);
  run.model.encoding.features = run.model.first_stage.encoding.features = {"localY", "driftR"};
  const auto variants = make_study_variants(StudyKind::features, run);
  EXPECT_EQ(find(variants, "base").not_possible, "");
  EXPECT_CONTAINS(find(variants, "without_theta").not_possible,
                  "features: two_stage needs theta for its maps of the station layers");
  EXPECT_EQ(find(variants, "without_time").not_possible, "");
  const auto graphs = make_study_variants(StudyKind::graphs, run);
  EXPECT_CONTAINS(find(graphs, "fully_connected").not_possible, "two_stage needs a neighbor table");
  run.model.edge_features = {"localY"};
  EXPECT_CONTAINS(find(make_study_variants(StudyKind::graphs, run), "fully_connected").not_possible,
                  "take the edge features out; model.architecture: two_stage needs");
  EXPECT_EQ(find(graphs, "knn_4").run.model.first_stage.neighbors, 4);
}

TEST(StudyVariants, GraphsDifferInOneSettingEach) {
  config::RunConfig run = small_run();
  run.model.neighbors = 6;
  const auto variants = make_study_variants(StudyKind::graphs, run);
  EXPECT_EQ(names_of(variants), (Names{"base", "knn_4", "knn_8", "knn_16", "knn_32", "radius_5",
                                       "radius_10", "radius_20", "fully_connected",
                                       "grouping_bucket", "grouping_sector", "grouping_event"}));
  const StudyVariant& knn = find(variants, "knn_32");
  EXPECT_EQ(knn.run.graph.k, 32);
  EXPECT_EQ(knn.run.model.neighbors, 0);  // it looks at all of them
  EXPECT_FALSE(knn.own_statistics);
  EXPECT_EQ(find(variants, "radius_5").run.graph.edges, graph::EdgeKind::radius);
  EXPECT_EQ(find(variants, "grouping_bucket").same_as, "base");
  const StudyVariant& sector = find(variants, "grouping_sector");
  EXPECT_TRUE(sector.own_statistics);
  EXPECT_EQ(sector.run.graph.metric, (Names{"globX", "globY", "globZ"}));
}

TEST(StudyVariants, EdgeFeaturesNeedATable) {
  config::RunConfig run = small_run();
  run.model.edge_features = {"localY"};
  const auto variants = make_study_variants(StudyKind::graphs, run);
  EXPECT_CONTAINS(find(variants, "fully_connected").not_possible,
                  "model.edge_features needs a neighbor table");
}

TEST(StudyVariants, GraphsOfAnMlpAreRefused) {
  config::RunConfig run = small_run();
  run.model.architecture = "mlp";
  EXPECT_CONTAINS(test::config_error([&] { (void)make_study_variants(StudyKind::graphs, run); }),
                  "model.architecture: mlp looks at no neighbors");
}

TEST(StudyVariants, EncodingsHaveTypesResidualsBasesAndScales) {
  config::RunConfig run = small_run();
  run.study.encodings = {architecture::EncodingType::none, architecture::EncodingType::fourier};
  const auto variants = make_study_variants(StudyKind::encodings, run);
  EXPECT_EQ(names_of(variants),
            (Names{"base", "none", "none_without_residual", "fourier", "fourier_without_residual",
                   "base_2", "base_3", "base_4", "scales_-2..2", "scales_-4..4", "scales_-6..6"}));
  EXPECT_EQ(find(variants, "fourier").same_as, "base");
  EXPECT_EQ(find(variants, "base_3").same_as, "base");
  EXPECT_FALSE(find(variants, "none_without_residual").run.model.residual);
  EXPECT_EQ(find(variants, "scales_-2..2").run.model.encoding.scales,
            (std::vector<std::int32_t>{-2, -1, 0, 1, 2}));
}

TEST(StudyVariants, BasesAndScalesNeedAnEncodingThatHasThem) {
  config::RunConfig run = small_run();
  run.model.encoding.type = architecture::EncodingType::linear;
  auto variants = make_study_variants(StudyKind::encodings, run);
  EXPECT_EQ(find(variants, "base_2").not_possible, "model.encoding.type: linear has no base");
  EXPECT_EQ(find(variants, "base_2").same_as, "");
  EXPECT_EQ(find(variants, "scales_-2..2").not_possible, "");
  run.model.encoding.type = architecture::EncodingType::none;
  variants = make_study_variants(StudyKind::encodings, run);
  EXPECT_EQ(find(variants, "scales_-2..2").not_possible, "model.encoding.type: none has no scales");
}

TEST(StudyVariants, NetworksTakeModelAndGraphOfTheirFiles) {
  const test::ScratchFolder folder;
  core::write_text_file(folder / "small.yaml", "model: {width: 8}\ngraph: {k: 5}\nseed: 7\n");
  config::RunConfig run = small_run();
  run.study.networks = {folder / "small.yaml"};
  const auto variants = make_study_variants(StudyKind::networks, run);
  EXPECT_EQ(names_of(variants), (Names{"base", "small"}));
  EXPECT_EQ(variants[1].run.model.width, 8);
  EXPECT_EQ(variants[1].run.graph.k, 5);
  EXPECT_EQ(variants[1].run.seed, run.seed);
  EXPECT_EQ(variants[1].run.features, run.features);
  core::write_text_file(folder / "base.yaml", "seed: 1\n");
  run.study.networks = {folder / "base.yaml"};
  EXPECT_CONTAINS(
      test::config_error([&] { (void)make_study_variants(StudyKind::networks, run, "run.yaml"); }),
      "run.yaml: study.networks: " + run.study.networks.front() +
          " has the name of another variant, base; rename the file, or take it out");
  core::write_text_file(folder / "wrong.yaml", "sed: 1\n");
  run.study.networks = {folder / "wrong.yaml"};
  EXPECT_CONTAINS(
      test::config_error([&] { (void)make_study_variants(StudyKind::networks, run, "run.yaml"); }),
      "run.yaml: study.networks: " + run.study.networks.front() + ":1: sed: unknown key");
}

TEST(StudyVariants, EventsAreTheFirstOfTheTrainingSplit) {
  config::RunConfig run = small_run();
  run.study.events = {100, 400};
  const auto variants = make_study_variants(StudyKind::events, run);
  EXPECT_EQ(names_of(variants), (Names{"base", "events_100", "events_400"}));
  EXPECT_EQ(variants[0].run.training.events, 0);
  EXPECT_EQ(variants[1].run.training.events, 100);
  EXPECT_EQ(variants[1].label, "100 events");
}

TEST(StudyVariants, NothingToCompareIsAnError) {
  config::RunConfig run = small_run();
  const auto error_of = [&](StudyKind kind) {
    return test::config_error([&] { (void)make_study_variants(kind, run, "run.yaml"); });
  };
  EXPECT_EQ(error_of(StudyKind::networks),
            "run.yaml: study.networks is empty; list the run configurations whose networks are "
            "compared");
  run.study.leave_out = {};
  EXPECT_NO_THROW((void)make_study_variants(StudyKind::features, run));  // permutations are left
  run.study.permutations = 0;
  EXPECT_EQ(error_of(StudyKind::features),
            "run.yaml: the study features has nothing to compare; set study.leave_out or "
            "study.permutations");
  run.study.k = {};
  run.study.radii = {};
  run.study.groupings = {};
  run.study.fully_connected = false;
  EXPECT_CONTAINS(error_of(StudyKind::graphs),
                  "the study graphs has nothing to compare; set study.k, study.radii, "
                  "study.fully_connected or study.groupings");
  run.study.encodings = {};
  run.study.bases = {};
  run.study.scales = {};
  EXPECT_EQ(test::config_error([&] { (void)make_study_variants(StudyKind::encodings, run); }),
            "built-in defaults: the study encodings has nothing to compare; set study.encodings, "
            "study.bases or study.scales");
}

}  // namespace
}  // namespace stationhit::workflow
