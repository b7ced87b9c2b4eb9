#include "frame/model_library.hpp"

#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/core/files.hpp>

namespace stationhit::app {
namespace {

namespace fs = std::filesystem;

class ModelLibrary : public testing::Test {
 protected:
  ModelLibrary() {
    for (const char* file : {"narrow/model.onnx", "wide/model.onnx", "wide/model.int8.onnx",
                             "wide/best.safetensors", "unfinished/best.safetensors"}) {
      fs::create_directories((scratch_ / file).parent_path());
      core::write_text_file(scratch_ / file, "");
    }
    ::setenv("STATIONHIT_MODELS", scratch_.path().c_str(), 1);
  }
  ~ModelLibrary() override { ::unsetenv("STATIONHIT_MODELS"); }
  ModelLibrary(const ModelLibrary&) = delete;
  ModelLibrary& operator=(const ModelLibrary&) = delete;

  const test::ScratchFolder scratch_;
};

TEST_F(ModelLibrary, HasAModelForEachFile) {
  const auto models = library_models();
  ASSERT_GE(models.size(), 3U);
  EXPECT_EQ(models[0].name, "narrow");
  EXPECT_EQ(models[1].name, "wide");
  EXPECT_EQ(models[1].file, scratch_ / "wide/model.onnx");
  EXPECT_EQ(models[2].name, "wide.int8");
  EXPECT_EQ(models[2].file, scratch_ / "wide/model.int8.onnx");
}

TEST_F(ModelLibrary, NamesAreFilesAndFilesStayWhatTheyAre) {
  EXPECT_EQ(find_model("wide.int8"), scratch_ / "wide/model.int8.onnx");
  EXPECT_EQ(find_model(scratch_ / "narrow/model.onnx"), scratch_ / "narrow/model.onnx");
  // Who opens it says that it is missing.
  EXPECT_EQ(find_model("other/narrow"), "other/narrow");
  EXPECT_EQ(find_model("missing.onnx"), "missing.onnx");
}

TEST_F(ModelLibrary, AnUnknownNameIsRefusedWithTheOthers) {
  const auto error = test::data_error([] { (void)find_model("narow"); });
  EXPECT_CONTAINS(error, "narow: no such file, and no model that comes with this program");
  EXPECT_CONTAINS(error, "did you mean 'narrow'?");
  EXPECT_CONTAINS(error, "wide.int8");
}

TEST_F(ModelLibrary, ResultsDoNotGoIntoIt) {
  EXPECT_EQ(folder_of_results(find_model("wide")), "");
  EXPECT_EQ(result_stem(find_model("wide")), "wide");
  EXPECT_EQ(folder_of_results("mine/model.onnx"), "mine");
  EXPECT_EQ(result_stem("mine/model.onnx"), "model");
}

}  // namespace
}  // namespace stationhit::app
