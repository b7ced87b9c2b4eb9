#include "page.hpp"

#include <algorithm>

#include <stationhit/core/text.hpp>

namespace stationhit::evaluation {
namespace {

constexpr const char* style = R"(
  :root { color-scheme: light; }
  body { font: 16px/1.5 system-ui, "Helvetica Neue", Arial, sans-serif; color: #1b1f24;
         margin: 0 auto; max-width: 1180px; padding: 1.5rem; overflow-wrap: break-word; }
  h1 { font-size: 1.8rem; margin: 0 0 .2rem; }
  h2 { font-size: 1.25rem; margin: 2.2rem 0 .6rem; border-bottom: 1px solid #d5dae0;
       padding-bottom: .2rem; }
  p.lead { color: #57606a; margin: 0 0 1rem; }
  .scroll { overflow-x: auto; }
  table { border-collapse: collapse; margin: .4rem 0 1rem; font-variant-numeric: tabular-nums; }
  th, td { padding: .3rem .6rem; border-bottom: 1px solid #e4e8ec; text-align: right;
           white-space: nowrap; }
  th { background: #f4f6f8; font-weight: 600; white-space: normal; vertical-align: bottom; }
  th:first-child, td:first-child { text-align: left; }
  table.summary td:last-child { text-align: left; white-space: normal; overflow-wrap: anywhere; }
  table.settings td { text-align: left; white-space: normal; overflow-wrap: anywhere;
                      vertical-align: top; }
  table.settings td:first-child { white-space: nowrap; }
  .interval { color: #57606a; font-size: .82em; display: block; }
  table.summary .interval { display: inline; }
  .figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(340px, 100%), 1fr));
             gap: 1.2rem; }
  figure { margin: 0; border: 1px solid #e4e8ec; border-radius: 6px; padding: .6rem;
           background: #fff; }
  figure img { width: 100%; height: auto; display: block; }
  figcaption { font-size: .9rem; color: #3b434b; padding: .4rem .2rem 0; }
  a { color: #0a58a8; }
)";

// Origin and pile-up under the heading, nothing where neither is known.
std::string sample_line(const core::SampleInfo& sample) {
  const std::string pile_up = core::pile_up_line(sample, "&lt;&mu;&gt;");
  if (sample.origin.empty() && pile_up.empty()) return "";
  return "<p class=\"lead\">" + core::escape_markup(sample.origin) +
         (sample.origin.empty() || pile_up.empty() ? "" : ", ") + pile_up + "</p>\n";
}

std::string figure_element(const WrittenFigure& figure) {
  const std::string path = "plots/" + core::escape_markup(figure.stem),
                    caption = core::escape_markup(figure.caption);
  return "<figure><a href=\"" + path + ".png\"><img src=\"" + path + ".png\" alt=\"" + caption +
         "\"></a><figcaption>" + caption + " <a href=\"" + path + ".pdf\">PDF</a> <a href=\"" +
         path + ".csv\">CSV</a></figcaption></figure>\n";
}

}  // namespace

std::string page_head(const std::string& title, const core::SampleInfo& sample) {
  const std::string escaped = core::escape_markup(title);
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
         escaped + "</title>\n<style>" + style + "</style>\n</head>\n<body>\n<h1>" + escaped +
         "</h1>\n" + sample_line(sample);
}

std::string table_head(const std::vector<std::string>& titles) {
  std::string text = "<div class=\"scroll\"><table>\n<tr>";
  for (const std::string& title : titles) text += "<th>" + title + "</th>";
  return text + "</tr>\n";
}

std::string cell(const std::string& text) { return "<td>" + core::escape_markup(text) + "</td>"; }

std::string value_cell(const std::string& text) {
  const std::size_t interval = text.find(" [");
  if (interval == std::string::npos) return cell(text);
  return "<td>" + core::escape_markup(text.substr(0, interval)) + " <span class=\"interval\">" +
         core::escape_markup(text.substr(interval + 1)) + "</span></td>";
}

std::string figure_sections(const std::vector<WrittenFigure>& figures) {
  std::vector<std::string> sections;
  for (const WrittenFigure& figure : figures) {
    // Sections appear in the order of their first figure.
    if (std::find(sections.begin(), sections.end(), figure.section) == sections.end())
      sections.push_back(figure.section);
  }
  std::string text;
  for (const std::string& section : sections) {
    text.append("<h2>").append(core::escape_markup(section));
    text += "</h2>\n<div class=\"figures\">\n";
    for (const WrittenFigure& figure : figures) {
      if (figure.section != section) continue;
      text += figure_element(figure);
    }
    text += "</div>\n";
  }
  return text;
}

}  // namespace stationhit::evaluation
