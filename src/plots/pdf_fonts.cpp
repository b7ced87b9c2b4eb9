// ROOT names the 14 standard fonts and leaves it to the reader to have them, which journals refuse.
// The file gets an incremental update (ISO 32000-1, 7.5.6): new versions of the objects of the
// fonts, with the outlines from the OpenType files that ROOT draws pictures with, appended with a
// cross-reference section of their own. Widths come from the same files.
#include "pdf_fonts.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include <RZip.h>
#include <TROOT.h>

#include <stationhit/core/files.hpp>
#include <stationhit/core/numbers.hpp>

namespace stationhit::plots {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t first_code = 32, last_code = 255;

// A font that figures use, and the file that has its outlines.
struct StandardFont {
  std::string_view name;      // in files of ROOT
  std::string_view embedded;  // name of what is embedded
  std::string_view file;
  bool symbolic;  // codes of its own (TrueType), else those of WinAnsi (CFF)
};

constexpr std::array standard_fonts{
    StandardFont{"Helvetica", "TeXGyreHeros-Regular", "texgyreheros-regular.otf", false},
    StandardFont{"Helvetica-Bold", "TeXGyreHeros-Bold", "texgyreheros-bold.otf", false},
    StandardFont{"Symbol", "FigureSymbol", "symbol.ttf", true}};

// A file of tables of big-endian numbers. What lies beyond its end reads as 0.
class FontFile {
 public:
  explicit FontFile(std::string content) : content_(std::move(content)) {}

  [[nodiscard]] const std::string& content() const { return content_; }

  [[nodiscard]] std::string_view table(std::string_view tag) const {
    for (std::size_t i = 0; i < number(content_, 4, 2); ++i) {
      const std::size_t entry = 12 + 16 * i;
      if (content_.compare(entry, 4, tag) == 0)
        return slice(number(content_, entry + 8, 4), number(content_, entry + 12, 4));
    }
    return {};
  }

  [[nodiscard]] static std::size_t number(std::string_view text, std::size_t at, std::size_t size) {
    std::size_t value = 0;
    for (std::size_t i = at; i < at + size; ++i)
      value = 256 * value + (i < text.size() ? static_cast<unsigned char>(text[i]) : 0U);
    return value;
  }
  [[nodiscard]] static int signed_number(std::string_view text, std::size_t at) {
    return static_cast<std::int16_t>(number(text, at, 2));
  }

 private:
  [[nodiscard]] std::string_view slice(std::size_t offset, std::size_t length) const {
    return offset <= content_.size() ? std::string_view(content_).substr(offset, length)
                                     : std::string_view();
  }

  std::string content_;
};

// The map from codes to glyphs in format 4, of Windows: Unicode or symbols.
std::string_view find_character_map(const FontFile& font, bool symbolic) {
  const std::string_view cmap = font.table("cmap");
  for (std::size_t i = 0; i < FontFile::number(cmap, 2, 2); ++i) {
    const std::size_t entry = 4 + 8 * i, offset = FontFile::number(cmap, entry + 4, 4);
    if (FontFile::number(cmap, entry, 2) == 3 &&
        FontFile::number(cmap, entry + 2, 2) == (symbolic ? 0U : 1U) && offset < cmap.size() &&
        FontFile::number(cmap, offset, 2) == 4)
      return cmap.substr(offset);
  }
  return {};
}

std::size_t find_glyph(std::string_view map, std::size_t code) {
  const auto at = [&](std::size_t position) { return FontFile::number(map, position, 2); };
  const std::size_t doubled = at(6);  // twice the number of segments
  for (std::size_t i = 0; i < doubled; i += 2) {
    if (code > at(14 + i)) continue;
    const std::size_t start = at(16 + doubled + i), delta = at(16 + 2 * doubled + i),
                      offset_place = 16 + 3 * doubled + i, offset = at(offset_place);
    if (code < start) return 0;
    if (offset == 0) return (code + delta) & 0xFFFFU;
    const std::size_t glyph = at(offset_place + offset + 2 * (code - start));
    return glyph == 0 ? 0 : (glyph + delta) & 0xFFFFU;
  }
  return 0;
}

// In thousandths of the height of the font, as PDF counts.
long scaled(const FontFile& font, long value) {
  const auto unit = static_cast<long>(FontFile::number(font.table("head"), 18, 2));
  return unit > 0 ? (1000 * value + unit / 2) / unit : 0;
}

std::string list_widths(const FontFile& font, bool symbolic) {
  constexpr std::size_t symbol_codes = 0xF000;
  const std::string_view map = find_character_map(font, symbolic), widths = font.table("hmtx");
  const std::size_t n_widths = FontFile::number(font.table("hhea"), 34, 2);
  std::string text;
  for (std::size_t code = first_code; code <= last_code; ++code) {
    const std::size_t glyph = find_glyph(map, symbolic ? symbol_codes + code : code);
    const std::size_t entry = n_widths == 0 ? 0 : std::min(glyph, n_widths - 1);
    text +=
        std::to_string(scaled(font, static_cast<long>(FontFile::number(widths, 4 * entry, 2)))) +
        " ";
  }
  return text;
}

// As a stream of the filter FlateDecode; empty where it cannot be compressed.
std::string compress(const std::string& text) {
  constexpr std::size_t root_header = 9;  // before the bytes of zlib
  std::string source = text, target(text.size() + 1024, '\0');
  int from = static_cast<int>(source.size()), to = static_cast<int>(target.size()), length = 0;
  R__zipMultipleAlgorithm(9, &from, source.data(), &to, target.data(), &length,
                          ROOT::RCompressionSetting::EAlgorithm::kZLIB);
  if (length <= static_cast<int>(root_header)) return {};
  return target.substr(root_header, static_cast<std::size_t>(length) - root_header);
}

// The dictionaries of a font, made once per process.
struct EmbeddedFont {
  std::string descriptor;  // without its name and the file
  std::string widths;
  std::string stream, extra;  // the compressed file, and what its dictionary says besides
};

std::optional<EmbeddedFont> load_font(const StandardFont& standard) {
  const fs::path path = fs::path(TROOT::GetTTFFontDir().Data()) / standard.file;
  if (!fs::is_regular_file(path)) return std::nullopt;
  const FontFile font(core::read_text_file(path));
  const std::string outlines = standard.symbolic ? font.content() : std::string(font.table("CFF "));
  EmbeddedFont embedded;
  embedded.stream = outlines.empty() ? "" : compress(outlines);
  if (embedded.stream.empty()) return std::nullopt;
  embedded.extra = standard.symbolic ? "/Length1 " + std::to_string(outlines.size())
                                     : std::string("/Subtype /Type1C");
  embedded.widths = list_widths(font, standard.symbolic);
  const std::string_view head = font.table("head"), hhea = font.table("hhea");
  std::string box;
  for (const std::size_t at : {36U, 38U, 40U, 42U})
    box += std::to_string(scaled(font, FontFile::signed_number(head, at))) + " ";
  embedded.descriptor =
      "/Flags " + std::string(standard.symbolic ? "4" : "32") + " /FontBBox [" + box +
      "] /ItalicAngle 0 /Ascent " + std::to_string(scaled(font, FontFile::signed_number(hhea, 4))) +
      " /Descent " + std::to_string(scaled(font, FontFile::signed_number(hhea, 6))) +
      " /CapHeight 700 /StemV 80";
  return embedded;
}

const std::optional<EmbeddedFont>& embedded_font(std::size_t index) {
  static std::map<std::size_t, std::optional<EmbeddedFont>> fonts;
  const auto found = fonts.find(index);
  if (found != fonts.end()) return found->second;
  return fonts.emplace(index, load_font(standard_fonts[index])).first->second;
}

// An object of a file: "7 0 obj ... endobj".
struct Object {
  std::size_t number = 0;
  std::string content;  // between the two
};

// The first object whose content has this text.
std::optional<Object> find_object(const std::string& pdf, const std::string& text) {
  constexpr std::string_view begin = " 0 obj\n", end = "endobj";
  const std::size_t at = pdf.find(text);
  const std::size_t start = at == std::string::npos ? at : pdf.rfind(begin, at);
  if (start == std::string::npos) return std::nullopt;
  const std::size_t stop = pdf.find(end, at), line = pdf.rfind('\n', start) + 1;
  const auto number = core::parse_number<std::size_t>(pdf.substr(line, start - line));
  if (!number || stop == std::string::npos) return std::nullopt;
  const std::size_t content = start + begin.size();
  return Object{*number, pdf.substr(content, stop - content)};
}

// The number behind the last such word; nothing where there is none.
std::optional<std::size_t> last_number(const std::string& pdf, const std::string& word) {
  const std::size_t at = pdf.rfind(word);
  if (at == std::string::npos) return std::nullopt;
  const std::size_t begin = at + word.size();
  return core::parse_number<std::size_t>(pdf.substr(begin, pdf.find('\n', begin) - begin));
}

// New versions of objects and new objects, for the end of a file.
class Update {
 public:
  // bytes: of the file; size: its objects; previous: where its cross-reference section begins.
  Update(std::size_t bytes, std::size_t size, std::size_t previous)
      : bytes_(bytes), size_(size), previous_(previous) {}

  std::size_t add(const std::string& content) {
    replace(size_, content);
    return size_++;
  }
  void replace(std::size_t number, const std::string& content) {
    char entry[64];
    std::snprintf(entry, sizeof entry, "%zu 1\n%010zu 00000 n \n", number, end_of_file());
    table_ += entry;
    appended_ += std::to_string(number) + " 0 obj\n" + content + "\nendobj\n";
  }
  // What is to be appended.
  [[nodiscard]] std::string finish(std::size_t info) const {
    const std::size_t start = end_of_file();
    return appended_ + "xref\n" + table_ + "trailer\n<<\n/Size " + std::to_string(size_) +
           "\n/Root 1 0 R\n/Info " + std::to_string(info) + " 0 R\n/Prev " +
           std::to_string(previous_) + "\n>>\nstartxref\n" + std::to_string(start) + "\n%%EOF\n";
  }

 private:
  [[nodiscard]] std::size_t end_of_file() const { return bytes_ + appended_.size(); }

  std::string appended_, table_;
  std::size_t bytes_, size_, previous_;
};

std::string reference(std::size_t number) { return std::to_string(number) + " 0 R"; }

void embed(Update& update, const Object& object, const std::string& resource,
           const StandardFont& standard, const EmbeddedFont& font) {
  const std::size_t stream =
      update.add("<<\n/Filter /FlateDecode /Length " + std::to_string(font.stream.size()) + " " +
                 font.extra + "\n>>\nstream\n" + font.stream + "\nendstream");
  const std::string name = "/" + std::string(standard.embedded);
  const std::size_t descriptor = update.add(
      "<<\n/Type /FontDescriptor /FontName " + name + " " + font.descriptor +
      (standard.symbolic ? " /FontFile2 " : " /FontFile3 ") + reference(stream) + "\n>>");
  update.replace(object.number, "<<\n/Type /Font\n/Subtype " +
                                    std::string(standard.symbolic ? "/TrueType" : "/Type1") +
                                    "\n/Name " + resource + "\n/BaseFont " + name +
                                    (standard.symbolic ? "" : "\n/Encoding /WinAnsiEncoding") +
                                    "\n/FirstChar " + std::to_string(first_code) + " /LastChar " +
                                    std::to_string(last_code) + "\n/Widths [" + font.widths +
                                    "]\n/FontDescriptor " + reference(descriptor) + "\n>>");
}

// The word behind a key of a dictionary: "/F4" behind "/Name".
std::string word_behind(const std::string& content, const std::string& key) {
  const std::size_t at = content.find(key + " ");
  if (at == std::string::npos) return {};
  const std::size_t begin = at + key.size() + 1;
  return content.substr(begin, content.find('\n', begin) - begin);
}

// Embeds all fonts of figures and gives the list of them, " /F4 10 0 R ..."; empty where one of
// them cannot be embedded.
std::string embed_all(Update& update, const std::string& pdf) {
  std::string list;
  for (std::size_t i = 0; i < standard_fonts.size(); ++i) {
    const StandardFont& standard = standard_fonts[i];
    const auto object = find_object(pdf, "/BaseFont /" + std::string(standard.name) + "\n");
    const auto& font = embedded_font(i);
    const std::string resource = object ? word_behind(object->content, "/Name") : "";
    if (!font || resource.empty()) return {};
    embed(update, *object, resource, standard, *font);
    list += " " + resource + " " + reference(object->number);
  }
  return list;
}

// The text in the parentheses of a PDF file.
std::string quoted(const std::string& text) {
  std::string result = "(";
  for (const char c : text) {
    if (c == '(' || c == ')' || c == '\\') result += '\\';
    result += c;
  }
  return result + ")";
}

// The content with what stands between two texts replaced; nothing where they are not there.
std::optional<std::string> replace_between(const std::string& content, const std::string& before,
                                           const std::string& after, const std::string& text) {
  const std::size_t at = content.find(before);
  const std::size_t begin = at == std::string::npos ? at : at + before.size();
  const std::size_t end = begin == std::string::npos ? begin : content.find(after, begin);
  if (end == std::string::npos) return std::nullopt;
  return content.substr(0, begin) + text + content.substr(end);
}

}  // namespace

void complete_pdf(const fs::path& file, const std::string& title) {
  const std::string pdf = core::read_text_file(file);
  const auto size = last_number(pdf, "/Size "), previous = last_number(pdf, "startxref\n");
  const auto info = find_object(pdf, "/Title ("), resources = find_object(pdf, "/ProcSet");
  if (!size || !previous || !info || !resources) return;
  Update update(pdf.size(), *size, *previous);
  const std::string fonts = embed_all(update, pdf);
  const auto list = replace_between(resources->content, "/Font\n<<", ">>", fonts + "\n");
  const auto titled = replace_between(info->content, "/Title ", "\n", quoted(title));
  if (fonts.empty() || !list || !titled) return;
  update.replace(resources->number, *list);
  update.replace(info->number, *titled);
  std::ofstream(file, std::ios::binary | std::ios::app) << update.finish(info->number);
}

}  // namespace stationhit::plots
