#include <cstdlib>
#include <filesystem>
#include <optional>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/core/files.hpp>
#include <stationhit/onnx_file/model_library.hpp>

namespace stationhit::onnx_file {
namespace {

namespace fs = std::filesystem;

// Two folders that both have a model "wide".
class ModelLibraryTest : public testing::Test {
 protected:
  ModelLibraryTest() {
    for (const char* file :
         {"own/narrow/model.onnx", "own/wide/model.onnx", "own/wide/model.int8.onnx",
          "own/unfinished/best.safetensors", "first/wide/model.onnx"}) {
      fs::create_directories((scratch_ / file).parent_path());
      core::write_text_file(scratch_ / file, "");
    }
    ::unsetenv("STATIONHIT_MODELS");
  }
  ~ModelLibraryTest() override { ::unsetenv("STATIONHIT_MODELS"); }
  ModelLibraryTest(const ModelLibraryTest&) = delete;
  ModelLibraryTest& operator=(const ModelLibraryTest&) = delete;

  [[nodiscard]] ModelLibrary library() const { return {scratch_ / "own", "this package"}; }

  const test::ScratchFolder scratch_;
};

TEST_F(ModelLibraryTest, HasAModelForEachFileOfTheFolder) {
  const auto models = library().models();
  ASSERT_EQ(models.size(), 3U);
  EXPECT_EQ(models[0].name, "narrow");
  EXPECT_EQ(models[1].name, "wide");
  EXPECT_EQ(models[1].file, scratch_ / "own/wide/model.onnx");
  EXPECT_EQ(models[2].name, "wide.int8");
  EXPECT_EQ(models[2].file, scratch_ / "own/wide/model.int8.onnx");
}

TEST_F(ModelLibraryTest, TheFolderOfTheVariableComesFirst) {
  ::setenv("STATIONHIT_MODELS", (scratch_ / "first").c_str(), 1);
  const ModelLibrary both = library();
  EXPECT_EQ(both.models().size(), 3U);
  EXPECT_EQ(both.find("wide"), scratch_ / "first/wide/model.onnx");
  EXPECT_EQ(both.find("narrow"), scratch_ / "own/narrow/model.onnx");
  EXPECT_EQ(both.name_of(scratch_ / "first/wide/model.onnx"), "wide");
  EXPECT_EQ(both.name_of(scratch_ / "own/wide/model.onnx"), std::nullopt);
}

TEST_F(ModelLibraryTest, FilesStayWhatTheyAre) {
  EXPECT_EQ(library().find(scratch_ / "own/narrow/model.onnx"), scratch_ / "own/narrow/model.onnx");
  // Who opens it says that it is missing.
  EXPECT_EQ(library().find("other/narrow"), "other/narrow");
  EXPECT_EQ(library().find("missing.onnx"), "missing.onnx");
}

TEST_F(ModelLibraryTest, AnUnknownNameIsRefusedWithTheOthers) {
  const auto error = test::data_error([&] { (void)library().find("narow"); });
  EXPECT_CONTAINS(error, "narow: no such file, and no model that comes with this package");
  EXPECT_CONTAINS(error, "did you mean 'narrow'?");
  EXPECT_CONTAINS(error, "wide.int8");
  const ModelLibrary none(std::nullopt, "this package");
  EXPECT_CONTAINS(test::data_error([&] { (void)none.find("narrow"); }),
                  "it comes without models (STATIONHIT_MODELS names a folder with some)");
}

}  // namespace
}  // namespace stationhit::onnx_file
