#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/scratch_folder.hpp>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/output_target.hpp>

namespace stationhit::core {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;

class OutputTargets : public ::testing::Test {
 protected:
  [[nodiscard]] std::string file_error(const std::string& name) const {
    const std::string error = test::data_error([&] { require_output_file(folder_ / name); });
    // Writers refuse the same.
    EXPECT_EQ(test::data_error([&] { write_text_file(folder_ / name, "text"); }), error);
    const std::string start = (folder_ / name).string() + ": ";
    EXPECT_TRUE(error.starts_with(start)) << error;
    return error.substr(start.size());
  }

  const test::ScratchFolder scratch_;
  const fs::path folder_ = scratch_.path();
};

// The length of a header can begin as an ONNX file does: 6,920 bytes.
TEST_F(OutputTargets, NoCheckpointCountsAsAnOnnxFile) {
  write_text_file(folder_ / "file", "\x08\x1b\0\0\0\0\0\0{\""s);
  EXPECT_FALSE(is_of_kind(folder_ / "file", FileKind::onnx));
  EXPECT_TRUE(is_of_kind(folder_ / "file", FileKind::safetensors));
}

TEST_F(OutputTargets, FileOfAnotherKindIsKept) {
  const fs::path file = folder_ / "file";
  require_same_kind(file, FileKind::onnx);
  write_text_file(file, "");
  require_same_kind(file, FileKind::onnx);
  const std::vector<std::string> starts{"\x08\x0a",
                                        "root",
                                        "\x89HDF\r\n\x1a\n",
                                        "{\n  \"model\": \"m.onnx\"",
                                        "# Statistics\n# more\nevents: 3\n",
                                        "<svg>",
                                        "\x10\0\0\0\0\0\0\0{"s};
  for (std::size_t kind = 0; kind < starts.size(); ++kind) {
    write_text_file(file, starts[kind]);
    for (std::size_t wanted = 0; wanted < starts.size(); ++wanted) {
      const auto check = [&] { require_same_kind(file, static_cast<FileKind>(wanted)); };
      if (kind == wanted) {
        check();
        continue;
      }
      EXPECT_CONTAINS(test::data_error(check), "file: is there already and is no " +
                                                   std::string(name(static_cast<FileKind>(wanted))))
          << kind;
    }
  }
}

// Hand-written or made by other subcommands, and replaced by nothing.
TEST_F(OutputTargets, FilesOfTheSameNotationAreKept) {
  const fs::path file = folder_ / "file";
  for (const char* text : {"experiment_dir: runs/x\n", "# a run\nseed: 3\n", "epoch,train_loss\n",
                           "#", "{\"kind\": \"prepared set\"}", "[]"}) {
    write_text_file(file, text);
    for (const FileKind kind : {FileKind::statistics, FileKind::bench_report})
      EXPECT_CONTAINS(test::data_error([&] { require_same_kind(file, kind); }),
                      "so it is kept; choose another output or remove it")
          << text;
  }
}

TEST_F(OutputTargets, FilesAndMissingFilesAreFine) {
  require_output_file(folder_ / "x");
  EXPECT_TRUE(scratch_.empty()) << "a check makes nothing";
  write_text_file(folder_ / "x", "old");
  require_output_file(folder_ / "x");
  EXPECT_EQ(read_text_file(folder_ / "x"), "old");
}

TEST_F(OutputTargets, WhatIsNoFileIsRefusedAndStays) {
  fs::create_directory(folder_ / "folder");
  EXPECT_EQ(file_error("folder"), "is a folder; give the name of the file to write");
  ASSERT_EQ(mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(file_error("pipe"),
            "is a pipe, and a file would take its place; choose another output");
  fs::create_symlink("pipe", folder_ / "link");
  EXPECT_EQ(file_error("link"),
            "is a pipe, and a file would take its place; choose another output");
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  (folder_ / "socket").string().copy(address.sun_path, sizeof address.sun_path - 1);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(file_error("socket"),
            "is a socket, and a file would take its place; choose another output");
  ::close(socket);
  EXPECT_TRUE(fs::is_fifo(folder_ / "pipe"));
}

// A node of our own: the devices of the machine are left alone.
TEST_F(OutputTargets, DevicesAreRefused) {
  if (mknod((folder_ / "nul").c_str(), S_IFCHR | 0600, makedev(1, 3)) != 0)
    GTEST_SKIP() << "no permission to make a device";
  EXPECT_EQ(file_error("nul"),
            "is a device, and a file would take its place; choose another output");
  EXPECT_TRUE(fs::is_character_file(folder_ / "nul"));
}

TEST_F(OutputTargets, FoldersThatTakeNoFileAreNamed) {
  EXPECT_EQ(file_error("none/x"),
            "cannot write here: No such file or directory"
            "; make the folder first, or choose another place");
  write_text_file(folder_ / "file", "");
  EXPECT_EQ(
      file_error("file/x"),
      "cannot write here: Not a directory; a part of the path is a file; choose another place");
  require_output_file(folder_ / "none" / "x", MissingFolder::will_be_made);
  EXPECT_FALSE(fs::exists(folder_ / "none"));
}

TEST_F(OutputTargets, LinksInACircleAndEmptyNamesAreRefused) {
  fs::create_symlink("b", folder_ / "a");
  fs::create_symlink("a", folder_ / "b");
  EXPECT_EQ(file_error("a"), "is a symbolic link in a circle; choose another output");
  EXPECT_EQ(test::data_error([&] { require_output_file(""); }),
            "the name of an output file is empty; give one");
}

TEST_F(OutputTargets, FoldersNeedNotExist) {
  require_output_folder(folder_ / "a" / "b");
  EXPECT_TRUE(scratch_.empty());
  write_text_file(folder_ / "file", "");
  const std::string inside = (folder_ / "file" / "a").string();
  EXPECT_EQ(test::data_error([&] { require_output_folder(inside); }),
            inside + ": cannot make this folder: " + (folder_ / "file").string() +
                " is no folder; choose another folder");
  EXPECT_EQ(test::data_error([&] { require_output_folder("/proc/a"); }),
            "/proc/a: cannot write here: No such file or directory"
            "; make the folder first, or choose another place");
}

TEST_F(OutputTargets, InputsAreNoOutputs) {
  const fs::path input = folder_ / "in", link = folder_ / "link", other = folder_ / "other";
  write_text_file(input, "data");
  fs::create_hard_link(input, link);
  EXPECT_EQ(test::data_error([&] {
              require_no_input(input, {"", input});
            }),
            input.string() + ": is the input file; choose another output");
  EXPECT_EQ(test::data_error([&] { require_no_input(link, {input}); }),
            link.string() + ": is the input file " + input.string() + "; choose another output");
  require_no_input(other, {input});
}

TEST_F(OutputTargets, OtherMachinesAreNotWrittenTo) {
  const std::string expected = "root://host//f: is on another machine; write to this one";
  EXPECT_CONTAINS(test::data_error([] { require_output_file("root://host//f"); }), expected);
  EXPECT_CONTAINS(test::data_error([] { require_output_folder("root://host//f"); }), expected);
}

}  // namespace
}  // namespace stationhit::core
