package org.tataa.task;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Chinese sentences composed of a time, somebody, a place and what is done there, in a fixed random
 * order. Two of them share some of the parts or none, so that similarities cover a wide range.
 */
public final class ComposedSentences {
  private static final long SEED = 1511;

  private static final List<String> TIMES =
      List.of("今天早上", "昨天晚上", "上个星期", "去年夏天", "下午三点", "周末", "放假的时候", "天黑以后", "考试之前", "春节期间");

  private static final List<String> PEOPLE =
      List.of(
          "我的姐姐", "一位老医生", "两个学生", "邻居家的孩子", "新来的经理", "出租车司机", "村里的农民", "外国游客", "公司的工程师", "退休的老师",
          "几名记者", "那只黑猫");

  private static final List<String> PLACES =
      List.of("在图书馆里", "在河边", "在火车站", "在厨房里", "在医院门口", "在山顶上", "在会议室里", "在菜市场", "在学校的操场上", "在网上");

  private static final List<String> ACTIONS =
      List.of(
          "读完了一本历史小说",
          "丢了一把钥匙",
          "等了很长时间",
          "买到了便宜的水果",
          "讨论明年的计划",
          "拍了许多照片",
          "唱起了一首老歌",
          "修好了一台旧电脑",
          "写了一封很长的信",
          "跟朋友吵了一架",
          "睡着了",
          "发现了一个严重的错误",
          "做了一顿丰盛的晚饭",
          "遇到了多年不见的同学",
          "看见了一场大火",
          "学习怎样游泳");

  private static final List<String> ENDS =
      List.of("。", ",大家都很高兴。", ",结果感冒了。", ",可是没有人知道。", ",然后就回家了。", "吗?", "!");

  private ComposedSentences() {}

  /** The first of those that are wanted. */
  public static List<String> first(int count, Predicate<String> wanted) {
    Random random = new Random(SEED);
    Set<String> sentences = new LinkedHashSet<>();
    while (sentences.size() < count) {
      String time = random.nextInt(3) == 0 ? "" : pick(TIMES, random);
      String place = random.nextInt(3) == 0 ? "" : pick(PLACES, random);
      String sentence =
          time + pick(PEOPLE, random) + place + pick(ACTIONS, random) + pick(ENDS, random);
      if (wanted.test(sentence)) {
        sentences.add(sentence);
      }
    }
    return new ArrayList<>(sentences);
  }

  private static String pick(List<String> parts, Random random) {
    return parts.get(random.nextInt(parts.size()));
  }
}
