// Wrong calls are errors with a text, and right ones give the scores of the C++ interface.
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <known_network.hpp>
#include <stationhit.h>
#include <support/c_event.hpp>
#include <support/counted_allocations.hpp>
#include <support/expected_error.hpp>
#include <support/random_event.hpp>

#include <stationhit/inference/hit_classifier.hpp>

namespace stationhit {
namespace {

// Code and text of an error, which is freed; 0 and "" for none.
struct Outcome {
  explicit Outcome(stationhit_error* error)
      : code(stationhit_error_code(error)), text(stationhit_error_text(error)) {
    stationhit_error_free(error);
  }
  std::int32_t code;
  std::string text;
};

using ModelPointer = std::unique_ptr<stationhit_model, decltype(&stationhit_model_free)>;

ModelPointer load(const std::filesystem::path& path) {
  stationhit_model* model = nullptr;
  const Outcome outcome(stationhit_model_load(path.c_str(), nullptr, &model));
  EXPECT_EQ(outcome.text, "");
  return {model, &stationhit_model_free};
}

class CInterface : public testing::Test {
 protected:
  // Of `event`, after a change of its view.
  Outcome score(const std::function<void(stationhit_event&)>& change) {
    stationhit_event view = test::view_of(event);
    change(view);
    return Outcome(stationhit_model_scores(model.get(), &view, scores.data(), scores.size()));
  }

  std::filesystem::path path = test::write_network();
  ModelPointer model = load(path);
  core::Event event = test::random_event(5, 100, 1);
  std::vector<float> scores = std::vector<float>(100, 7.0F);
};

TEST_F(CInterface, GivesTheScoresOfTheClass) {
  EXPECT_EQ(score([](stationhit_event&) {}).text, "");
  const std::vector<float> expected = inference::HitClassifier(path).scores(event);
  EXPECT_EQ(scores, expected);
  std::vector<float> unchecked(100);
  const stationhit_event view = test::view_of(event);
  EXPECT_EQ(stationhit_model_scores_unchecked(model.get(), &view, unchecked.data(), 100), nullptr);
  EXPECT_EQ(unchecked, expected);
}

TEST_F(CInterface, TakesOnlyTheColumnsThatAreNeeded) {
  const char* const* names = nullptr;
  std::size_t n = 0;
  ASSERT_EQ(stationhit_model_needed_columns(model.get(), 1, &names, &n), nullptr);
  EXPECT_EQ(std::vector<std::string>(names, names + n),
            inference::HitClassifier(path).needed_columns(inference::EventBuckets::present));
  stationhit_event view{};
  view.struct_size = sizeof view;
  view.n_hits = 100;
  view.local_x = event.hits.local_x.data();
  view.local_y = event.hits.local_y.data();
  view.local_z = event.hits.local_z.data();
  view.n_buckets = event.buckets.size();
  view.n_bucket_hits = event.buckets.hits.size();
  view.bucket_offsets = event.buckets.offsets.data();
  view.bucket_hits = event.buckets.hits.data();
  EXPECT_EQ(stationhit_model_scores(model.get(), &view, scores.data(), 100), nullptr);
  EXPECT_EQ(scores, inference::HitClassifier(path).scores(event));
}

TEST_F(CInterface, AnEventWithoutHits) {
  stationhit_event view{};
  view.struct_size = sizeof view;
  EXPECT_EQ(stationhit_model_scores(model.get(), &view, nullptr, 0), nullptr);
}

TEST_F(CInterface, NullPointersAreErrors) {
  const stationhit_event view = test::view_of(event);
  float cut = 0;
  stationhit_model* loaded = nullptr;
  const char* const* names = nullptr;
  std::size_t n = 0;
  for (stationhit_error* error :
       {stationhit_model_load(nullptr, nullptr, &loaded),
        stationhit_model_load(path.c_str(), nullptr, nullptr),
        stationhit_model_threshold(nullptr, "0.99", &cut),
        stationhit_model_threshold(model.get(), nullptr, &cut),
        stationhit_model_threshold(model.get(), "0.99", nullptr),
        stationhit_model_needed_columns(nullptr, 0, &names, &n),
        stationhit_model_needed_columns(model.get(), 0, nullptr, &n),
        stationhit_model_needed_columns(model.get(), 0, &names, nullptr),
        stationhit_model_scores(nullptr, &view, scores.data(), 100),
        stationhit_model_scores(model.get(), nullptr, scores.data(), 100),
        stationhit_model_scores(model.get(), &view, nullptr, 100),
        stationhit_model_scores_unchecked(model.get(), nullptr, scores.data(), 100)}) {
    const Outcome outcome(error);
    EXPECT_EQ(outcome.code, STATIONHIT_ERROR_USAGE);
    EXPECT_CONTAINS(outcome.text, " is a null pointer; give what stationhit.h says");
  }
  stationhit_model_free(nullptr);
  stationhit_error_free(nullptr);
  EXPECT_EQ(stationhit_error_code(nullptr), 0);
  EXPECT_STREQ(stationhit_error_text(nullptr), "");
}

TEST_F(CInterface, StructuresOfAnotherSizeAreErrors) {
  for (const std::size_t size :
       {std::size_t{0}, sizeof(stationhit_event) - 8, sizeof(stationhit_event) + 8, SIZE_MAX}) {
    const Outcome outcome = score([&](stationhit_event& view) { view.struct_size = size; });
    EXPECT_EQ(outcome.code, STATIONHIT_ERROR_USAGE);
    EXPECT_CONTAINS(outcome.text, "event.struct_size is " + std::to_string(size) +
                                      ", expected sizeof(stationhit_event) = ");
  }
  stationhit_options options{};
  stationhit_model* loaded = nullptr;
  const Outcome outcome(stationhit_model_load(path.c_str(), &options, &loaded));
  EXPECT_CONTAINS(outcome.text, "options.struct_size is 0");
  EXPECT_EQ(loaded, nullptr);
}

struct Fault {
  std::int32_t code;
  const char* message;
  std::function<void(core::Event&, stationhit_event&)> make;
};

TEST_F(CInterface, EventsThatContradictThemselvesAreErrors) {
  const std::vector<Fault> faults{
      {STATIONHIT_ERROR_DATA, "run 450000, event 8589934597: bucket_spacePoints refers to hit 100",
       [](core::Event& e, stationhit_event&) { e.buckets.hits[4] = 100; }},
      {STATIONHIT_ERROR_DATA, "bucket_spacePoints refers to hit 4294967295",
       [](core::Event& e, stationhit_event&) { e.buckets.hits.back() = UINT32_MAX; }},
      {STATIONHIT_ERROR_DATA, "bucket_spacePoints[1] has a negative length",
       [](core::Event& e, stationhit_event&) { e.buckets.offsets[1] = 4'000'000'000; }},
      {STATIONHIT_ERROR_DATA, "bucket_spacePoints has hit lists for another number of buckets",
       [](core::Event&, stationhit_event& v) { --v.n_bucket_hits; }},
      {STATIONHIT_ERROR_DATA, "bucket_spacePoints has hit lists for another number of buckets",
       [](core::Event&, stationhit_event& v) { v.bucket_offsets = nullptr; }},
      {STATIONHIT_ERROR_DATA, "bucket_spacePoints has hit lists for another number of buckets",
       [](core::Event&, stationhit_event& v) { v.bucket_hits = nullptr; }},
      {STATIONHIT_ERROR_DATA, "bucket_xMin has 0 values",
       [](core::Event&, stationhit_event& v) { v.bucket_x_min = nullptr; }},
      {STATIONHIT_ERROR_DATA, "the event has no spacePoint_PositionY, but the feature localY",
       [](core::Event&, stationhit_event& v) { v.local_y = nullptr; }},
      {STATIONHIT_ERROR_DATA, "spacePoint_technology[99] = 255, expected 0 to 5",
       [](core::Event& e, stationhit_event&) { e.hits.technology[99] = 255; }},
      {STATIONHIT_ERROR_DATA, "expected at most 2147483647 of each",
       [](core::Event&, stationhit_event& v) { v.n_hits = SIZE_MAX; }},
      {STATIONHIT_ERROR_DATA, "expected at most 2147483647 of each",
       [](core::Event&, stationhit_event& v) { v.n_buckets = SIZE_MAX; }},
      {STATIONHIT_ERROR_USAGE, "there is room for 100 scores, but the event has 99 hits",
       [](core::Event& e, stationhit_event& v) {
         v.n_hits = 99;
         std::ranges::replace(e.buckets.hits, 99U, 0U);
       }},
  };
  const core::Event right = event;
  for (const Fault& fault : faults) {
    event = right;
    const Outcome outcome = score([&](stationhit_event& view) { fault.make(event, view); });
    EXPECT_EQ(outcome.code, fault.code) << fault.message;
    EXPECT_CONTAINS(outcome.text, fault.message);
    EXPECT_EQ(scores, std::vector<float>(100, 7.0F)) << fault.message;
  }
}

TEST_F(CInterface, HitsThatAreNotFiniteGetNoLogit) {
  event.hits.local_x[3] = std::numeric_limits<float>::quiet_NaN();
  event.hits.local_y[5] = -std::numeric_limits<float>::infinity();
  EXPECT_EQ(score([](stationhit_event&) {}).text, "");
  for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(scores[i] == -100.0F, i == 3 || i == 5) << i;
}

TEST_F(CInterface, WrongFilesAndWorkingPointsAreErrors) {
  stationhit_model* loaded = model.get();
  const Outcome missing(stationhit_model_load("/nothing/model.onnx", nullptr, &loaded));
  EXPECT_EQ(missing.code, STATIONHIT_ERROR_DATA);
  EXPECT_CONTAINS(missing.text, "/nothing/model.onnx: no such model");
  EXPECT_EQ(loaded, nullptr);
  float cut = 0;
  EXPECT_EQ(stationhit_model_threshold(model.get(), "0.985", &cut), nullptr);
  EXPECT_EQ(cut, 10.0F);
  const Outcome unknown(stationhit_model_threshold(model.get(), "0.5", &cut));
  EXPECT_EQ(unknown.code, STATIONHIT_ERROR_USAGE);
  EXPECT_CONTAINS(unknown.text, "no threshold for working point 0.5; it has 0.985, 0.99");
}

TEST_F(CInterface, OptionsChooseAndTheLogIsTold) {
  std::string said;
  stationhit_options options{};
  options.struct_size = sizeof options;
  options.backend = STATIONHIT_BACKEND_ENGINE;
  options.log = [](std::int32_t level, const char* message, void* user) {
    *static_cast<std::string*>(user) += std::to_string(level) + " " + message;
  };
  options.log_user = &said;
  stationhit_model* loaded = nullptr;
  ASSERT_EQ(stationhit_model_load(path.c_str(), &options, &loaded), nullptr);
  stationhit_model_free(loaded);
  EXPECT_EQ(said, "1 " + path.string() + ": run by the engine");
  options.backend = 3;
  EXPECT_EQ(Outcome(stationhit_model_load(path.c_str(), &options, &loaded)).text,
            "options.backend is 3, expected 0 to 2");
  options.backend = 0;
  options.precision = -1;
  EXPECT_EQ(Outcome(stationhit_model_load(path.c_str(), &options, &loaded)).text,
            "options.precision is -1, expected 0 to 1");
}

TEST_F(CInterface, AllocatesNothingOnceItHasSeenTheEvent) {
  const stationhit_event view = test::view_of(event);
  const auto call = [&] {
    EXPECT_EQ(stationhit_model_scores(model.get(), &view, scores.data(), 100), nullptr);
  };
  call();
  call();
  EXPECT_EQ(test::count_allocations(call), 0U);
}

TEST_F(CInterface, ServesSeveralThreadsAtOnce) {
  const std::vector<float> expected = inference::HitClassifier(path).scores(event);
  const stationhit_event view = test::view_of(event);
  std::vector<std::vector<float>> results(4, std::vector<float>(100));
  {
    std::vector<std::jthread> threads;
    for (auto& result : results) {
      threads.emplace_back([&] {
        for (int i = 0; i < 50; ++i)
          stationhit_error_free(stationhit_model_scores(model.get(), &view, result.data(), 100));
      });
    }
  }
  for (const auto& result : results) EXPECT_EQ(result, expected);
}

TEST(CInterfaceVersion, IsThatOfTheLibrary) {
  EXPECT_EQ(std::strlen(stationhit_version()), std::string(stationhit_version()).size());
  EXPECT_EQ(std::string(stationhit_version()).find('.'), 1U);
}

}  // namespace
}  // namespace stationhit
