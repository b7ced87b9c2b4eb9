#include <csignal>
#include <cstring>
#include <fstream>
#include <vector>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/resident_memory.hpp>
#include <support/scratch_folder.hpp>
#include <sys/resource.h>

#include <stationhit/core/files.hpp>
#include <stationhit/data/safetensors.hpp>

namespace stationhit::data {
namespace {

const std::vector<float> weights{1.5F, -2.0F, 0.25F, 3.0F, 4.0F, 5.0F};
const std::vector<std::int64_t> numbers{1, -1, 1LL << 40};
const std::vector<std::uint8_t> flags{1, 0, 7};

std::vector<NamedTensor> example() {
  return {{"flags", view_tensor(std::span(flags), {3})},
          {"numbers", view_tensor(std::span(numbers), {3})},
          {"block.weight", view_tensor(std::span(weights), {2, 3})},
          {"nothing", view_tensor(std::span<const float>(), {0, 4})}};
}

std::string raw_file(const std::string& header, const std::string& data) {
  std::string text(8, '\0');
  const std::uint64_t length = header.size();
  std::memcpy(text.data(), &length, 8);
  return text + header + data;
}

// The message that opening a file of this content gives.
std::string open_error(const std::filesystem::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
  std::string message = test::data_error([&] { SafetensorsFile file(path); });
  EXPECT_CONTAINS(message, path.string());
  return message;
}

TEST(Safetensors, DroppedPagesAreReadAgain) {
  const test::ScratchFolder folder;
  const std::vector<float> values(1U << 18U, 2.5F);  // 1 MiB
  write_safetensors(
      folder / "a.safetensors",
      std::vector<NamedTensor>{{"values", view_tensor(std::span(values), {1 << 18})}});
  const SafetensorsFile file(folder / "a.safetensors");
  file.verify_content();
  EXPECT_GE(test::resident_kilobytes(folder / "a.safetensors"), 1024U);
  file.drop_pages();
  EXPECT_EQ(test::resident_kilobytes(folder / "a.safetensors"), 0U);
  const auto read = file.values<float>("values");
  EXPECT_EQ(std::vector<float>(read.begin(), read.end()), values);
}

TEST(Safetensors, ReadsBackWhatWasWritten) {
  const test::ScratchFolder folder;
  write_safetensors(folder / "a.safetensors", example(),
                    {{"epoch", "3"}, {"text", "{\"a\": \"\xc3\xa9\"}"}});
  const SafetensorsFile file(folder / "a.safetensors");
  EXPECT_EQ(file.names(),
            (std::vector<std::string>{"block.weight", "flags", "nothing", "numbers"}));
  EXPECT_EQ(file.metadata(), (Metadata{{"epoch", "3"}, {"text", "{\"a\": \"\xc3\xa9\"}"}}));
  EXPECT_EQ(file.at("block.weight").shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(file.at("nothing").shape, (std::vector<std::int64_t>{0, 4}));
  EXPECT_EQ(file.at("flags").dtype, Dtype::u8);
  const auto read_weights = file.values<float>("block.weight");
  EXPECT_EQ(std::vector<float>(read_weights.begin(), read_weights.end()), weights);
  const auto read_numbers = file.values<std::int64_t>("numbers");
  EXPECT_EQ(std::vector<std::int64_t>(read_numbers.begin(), read_numbers.end()), numbers);
  EXPECT_TRUE(file.contains("flags"));
  EXPECT_FALSE(file.contains("flag"));
  file.verify_content();
  EXPECT_EQ(test::count_entries(folder.path()), 1);
}

TEST(Safetensors, AlignsEveryTensor) {
  const test::ScratchFolder folder;
  for (std::size_t n = 0; n < 9; ++n) {
    const std::string name(n + 1, 'x');
    const std::vector<NamedTensor> tensors{
        {"a_byte" + name, view_tensor(std::span(flags).first(1), {1})},
        {name, view_tensor(std::span(numbers), {3})}};
    write_safetensors(folder / "a.safetensors", tensors);
    const SafetensorsFile file(folder / "a.safetensors");
    EXPECT_EQ(file.values<std::int64_t>(name)[2], numbers[2]);
  }
}

TEST(Safetensors, ReadsAFileOfAnotherProgram) {
  const test::ScratchFolder folder;
  const float value = 2.5F;
  std::string data(4, '\0');
  std::memcpy(data.data(), &value, 4);
  std::ofstream(folder / "b", std::ios::binary)
      << raw_file(R"({"w":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}   )", data);
  const SafetensorsFile file(folder / "b");
  EXPECT_EQ(file.at("w").n_elements(), 1U);
  EXPECT_EQ(file.values<float>("w")[0], value);
  file.verify_content();
}

TEST(Safetensors, NamesTheNearestTensor) {
  const test::ScratchFolder folder;
  write_safetensors(folder / "a", example());
  const SafetensorsFile file(folder / "a");
  EXPECT_CONTAINS(test::data_error([&] { (void)file.at("block.weights"); }),
                  "no tensor 'block.weights'; the nearest name there is 'block.weight'");
  EXPECT_CONTAINS(test::data_error([&] { (void)file.values<double>("numbers"); }),
                  "tensor 'numbers' has type I64, expected F64");
}

TEST(Safetensors, EveryTruncationIsAnError) {
  const test::ScratchFolder folder;
  write_safetensors(folder / "a", example());
  const std::string content = core::read_text_file(folder / "a");
  for (std::size_t n = 0; n < content.size(); ++n)
    EXPECT_CONTAINS(open_error(folder / "cut", content.substr(0, n)), "damaged safetensors file");
  EXPECT_CONTAINS(open_error(folder / "cut", content.substr(0, content.size() - 1)),
                  "(truncated?)");
  EXPECT_CONTAINS(open_error(folder / "cut", content.substr(0, 40)), "truncated: the header needs");
  EXPECT_CONTAINS(open_error(folder / "cut", content + "x"), "1 bytes after the last tensor");
}

TEST(Safetensors, SaysWhatIsWrongWithTheHeader) {
  const test::ScratchFolder folder;
  const auto path = folder / "bad";
  EXPECT_CONTAINS(open_error(path, "ROOT file, not tensors"), "this is no safetensors file");
  EXPECT_CONTAINS(open_error(path, raw_file("[1]", "")), "the header is not a JSON object");
  EXPECT_CONTAINS(open_error(path, raw_file(R"({"w":3})", "")),
                  "tensor 'w' lacks dtype, shape or data_offsets");
  EXPECT_CONTAINS(
      open_error(path,
                 raw_file(R"({"w":{"dtype":"F99","shape":[1],"data_offsets":[0,4]}})", "abcd")),
      "unknown dtype \"F99\"");
  EXPECT_CONTAINS(
      open_error(path,
                 raw_file(R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", "abcd")),
      "tensor 'w' has shape [2], which does not fit its 4 bytes");
  EXPECT_CONTAINS(
      open_error(path,
                 raw_file(R"({"w":{"dtype":"F32","shape":[-1,-1],"data_offsets":[0,4]}})", "abcd")),
      "shape [-1,-1]");
  EXPECT_CONTAINS(
      open_error(path,
                 raw_file(R"({"w":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}})", "abcd")),
      "shape [1.5]");
  EXPECT_CONTAINS(
      open_error(
          path,
          raw_file(R"({"w":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}})",
                   "")),
      "does not fit");
  EXPECT_CONTAINS(
      open_error(path,
                 raw_file(R"({"w":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}})", "abcd")),
      "begins at byte 2, expected 0");
  EXPECT_CONTAINS(open_error(path, raw_file(R"({"__metadata__":{"a":1}})", "")),
                  "metadata 'a' is not text");
}

TEST(Safetensors, AFlippedByteInTheDataIsFound) {
  const test::ScratchFolder folder;
  write_safetensors(folder / "a", example());
  std::string content = core::read_text_file(folder / "a");
  content.back() = static_cast<char>(content.back() ^ 1);
  std::ofstream(folder / "a", std::ios::binary) << content;
  const SafetensorsFile file(folder / "a");
  EXPECT_CONTAINS(test::data_error([&] { file.verify_content(); }), "the data have checksum");
}

// Every tensor and all metadata, as text.
std::string content_of(const SafetensorsFile& file) {
  std::string text;
  for (const auto& [key, value] : file.metadata())
    text.append(key).append("=").append(value).append(";");
  for (const std::string& name : file.names()) {
    const TensorView& tensor = file.at(name);
    text += name + std::string(dtype_name(tensor.dtype));
    for (const auto extent : tensor.shape) text += "," + std::to_string(extent);
    text.append(reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size());
  }
  return text;
}

TEST(Safetensors, AFlippedBitAnywhereIsFoundOrChangesNothing) {
  const test::ScratchFolder folder;
  write_safetensors(folder / "a", example(), {{"thresholds", R"({"0.99": -2.25})"}});
  const std::string content = core::read_text_file(folder / "a");
  const std::string expected = content_of(SafetensorsFile(folder / "a"));
  for (std::size_t bit = 0; bit < 8 * content.size(); ++bit) {
    std::string damaged = content;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    std::ofstream(folder / "b", std::ios::binary) << damaged;
    try {
      const SafetensorsFile file(folder / "b");
      file.verify_content();
      // Only the name of a checksum may differ; it is then an unknown key.
      Metadata metadata = file.metadata();
      EXPECT_EQ(metadata["thresholds"], R"({"0.99": -2.25})") << "bit " << bit;
      EXPECT_TRUE(metadata.size() == 2 || content_of(file) == expected) << "bit " << bit;
    } catch (const core::DataError&) {
    }
  }
}

TEST(Safetensors, SaysThatTheHeaderWasChanged) {
  const test::ScratchFolder folder;
  write_safetensors(folder / "a", example(), {{"thresholds", "-2.25"}});
  std::string content = core::read_text_file(folder / "a");
  content.replace(content.find("-2.25"), 5, "-3.25");
  EXPECT_CONTAINS(open_error(folder / "a", content),
                  "the header (types, shapes, metadata) was changed after the file was written");
}

TEST(Safetensors, ReadsFilesWithoutAChecksumOfTheHeader) {
  const test::ScratchFolder folder;
  std::ofstream(folder / "a", std::ios::binary)
      << raw_file(R"({"__metadata__":{"thresholds":"1"}})", "");
  EXPECT_EQ(SafetensorsFile(folder / "a").metadata(), (Metadata{{"thresholds", "1"}}));
}

TEST(Safetensors, MissingFileAndFolder) {
  const test::ScratchFolder folder;
  EXPECT_CONTAINS(test::data_error([&] { SafetensorsFile file(folder / "none"); }),
                  "none: cannot be read: No such file");
  EXPECT_CONTAINS(test::data_error([&] { SafetensorsFile file(folder.path()); }),
                  "cannot be read: it is a folder");
  EXPECT_CONTAINS(test::data_error([&] { write_safetensors(folder / "no/such/a", example()); }),
                  "cannot write here");
}

// A limit on the size of files acts as a full disk does.
TEST(Safetensors, AFullDiskLeavesNothing) {
  const test::ScratchFolder folder;
  const std::vector<float> big(100'000, 1.0F);
  const std::vector<NamedTensor> tensors{{"big", view_tensor(std::span(big), {100'000})}};
  rlimit old{};
  getrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{10'000, old.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const std::string message = test::data_error([&] { write_safetensors(folder / "a", tensors); });
  setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, SIG_DFL);
  EXPECT_CONTAINS(message, "writing failed");
  EXPECT_CONTAINS(message, "free space on the disk");
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace stationhit::data
