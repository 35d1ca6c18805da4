package dev.kvserver.tidy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Rules that need only the lines and the paths. The patterns are spelled so that they do
 * not match their own source.
 */
final class TextRules {

	static final int LINES_PER_FILE_MAX = 500;

	static final int COLUMNS_MAX = 120;

	private static final int TAB_COLUMNS = 4;

	private static final String WRAPPER = ".mvn/wrapper/maven-wrapper.properties";

	private static final Pattern LEFT_OVER = Pattern.compile("\\b(TO[D]O|FIX[M]E|XX[X])\\b");

	private static final Pattern MACHINE_PATH = Pattern.compile("(?<![\\w.$}])/(work|tmp)/");

	private static final Pattern REGISTRY_HOST = Pattern.compile("\\b(repo1?\\.maven(\\.apache)?\\.org"
			+ "|(proxy|sum)\\.golang\\.org|registry\\.npmjs\\.org|pypi\\.org|(docker|quay|gcr|ghcr)\\.io)\\b");

	private TextRules() {
	}

	/** Complaints about one file on its own. */
	static List<String> complaints(SourceFile file) {
		List<String> complaints = new ArrayList<>();
		List<String> lines = file.lines();
		if (file.isJava() && lines.size() > LINES_PER_FILE_MAX) {
			complaints.add(file.complaint(lines.size(), "file has more than " + LINES_PER_FILE_MAX + " lines"));
		}
		for (int i = 0; i < lines.size(); i++) {
			checkLine(file, i + 1, lines.get(i), complaints);
		}
		return complaints;
	}

	/** Complaints about packages without a package-info, neither in main nor beside. */
	static List<String> packagesWithoutInfo(List<SourceFile> files) {
		Set<String> paths = files.stream().map(SourceFile::path).collect(Collectors.toSet());
		Set<String> complaints = new TreeSet<>();
		for (SourceFile file : files) {
			String info = file.path().substring(0, file.path().lastIndexOf('/') + 1) + "package-info.java";
			String infoOfMain = info.replace("/src/test/java/", "/src/main/java/");
			if (file.isJava() && !paths.contains(info) && !paths.contains(infoOfMain)) {
				complaints.add(info + ": is missing");
			}
		}
		return List.copyOf(complaints);
	}

	private static void checkLine(SourceFile file, int number, String line, List<String> complaints) {
		if (file.isJava() && columns(line) > COLUMNS_MAX) {
			complaints.add(file.complaint(number, "line is longer than " + COLUMNS_MAX + " columns"));
		}
		if (LEFT_OVER.matcher(line).find()) {
			complaints.add(file.complaint(number, "left-over mark"));
		}
		if (MACHINE_PATH.matcher(line).find()) {
			complaints.add(file.complaint(number, "path of one machine"));
		}
		if (!file.path().equals(WRAPPER) && REGISTRY_HOST.matcher(line).find()) {
			complaints.add(file.complaint(number, "host of a package registry"));
		}
	}

	private static int columns(String line) {
		int columns = 0;
		for (int i = 0; i < line.length(); i++) {
			columns += (line.charAt(i) == '\t') ? TAB_COLUMNS : 1;
		}
		return columns;
	}

}
